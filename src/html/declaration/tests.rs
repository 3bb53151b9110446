use super::*;

/// Compares with the answers of real browsers, in a file of lines `{"id", "b64", "chromium", "firefox"}`.
#[test]
fn tmp_compare() {
    use base64::Engine as _;
    let Ok(file) = std::env::var("ENC_PAGES") else {
        return;
    };
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let page: serde_json::Value = serde_json::from_str(line).unwrap();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(page["b64"].as_str().unwrap())
            .unwrap();
        let name = |e: Option<&'static Encoding>| e.map_or("-", |e| e.name());
        let found = match Encoding::for_bom(&bytes) {
            Some((e, _)) => Declared {
                chromium: Some(e),
                firefox: Some(e),
            },
            None => declared(&bytes, true).unwrap(),
        };
        println!(
            "RES\t{}\t{}\t{}",
            page["id"].as_str().unwrap(),
            name(found.chromium),
            name(found.firefox)
        );
    }
}
