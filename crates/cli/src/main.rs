//! The `malar` command: words typed to workbench calls. stdout is data, stderr is talk.

fn main() {}
