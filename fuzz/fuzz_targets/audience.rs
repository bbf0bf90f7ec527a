#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entrada_tests::fuzz::audience(bytes));
