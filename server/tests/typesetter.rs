//! The worker alone, for tests that are servers themselves: they cannot be started a second time as one.

fn main() -> std::process::ExitCode {
    render::worker::serve()
}
