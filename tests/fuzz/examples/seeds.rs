//! Writes the seeds of a target, and what was kept of its corpus, into a folder: `seeds TARGET FOLDER`.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, folder] = &arguments[..] else {
        eprintln!("usage: seeds TARGET FOLDER");
        return ExitCode::from(2);
    };
    let folder = Path::new(folder);
    let written = fs::create_dir_all(folder).and_then(|()| {
        for (index, seed) in cspseal_fuzz::inputs(target).into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{index}")), seed.1)?;
        }
        Ok(())
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}
