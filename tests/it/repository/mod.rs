//! A repository that somebody else wrote: its configuration, its links and its file names reach nothing outside it, and no program
//! inside it.

#[cfg(target_os = "linux")]
mod all_or_none;
#[cfg(unix)]
mod diff;
#[cfg(unix)]
mod hooks;
#[cfg(unix)]
mod owner;
#[cfg(unix)]
mod reach;
#[cfg(unix)]
mod temporary;
#[cfg(unix)]
mod trap;
