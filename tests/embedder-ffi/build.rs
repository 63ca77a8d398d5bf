fn main() -> Result<(), routescope_compiler::Report> {
    routescope_compiler::build("routes.yaml")?;
    routescope_compiler::build("service.yaml")?;
    routescope_compiler::build("boards.yaml")
}
