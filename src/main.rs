//! `reach`: see [`vpc_reach::cli`].

fn main() -> std::process::ExitCode {
    vpc_reach::cli::main()
}
