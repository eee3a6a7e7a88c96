#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| malar_fuzz::derived(data));
