//! The binary: an allocator, and the program that the library holds.

use std::process::ExitCode;

/// Allocates faster than the system's allocator under many small requests.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    contacts_gateway::cli::main()
}
