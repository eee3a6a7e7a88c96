//! On macOS the linker is told that Python's symbols come later; elsewhere nothing is needed.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
