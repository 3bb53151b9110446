#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cspseal_fuzz::check("repository", data));
