//! The command on file systems that do not cooperate: full disks, devices, links, hostile names, a kill in the middle of a write.

#[cfg(target_os = "linux")]
pub(crate) mod file_system;
#[cfg(unix)]
mod hostile_names;
mod ignored;
#[cfg(unix)]
mod interrupted;
#[cfg(unix)]
mod links;
