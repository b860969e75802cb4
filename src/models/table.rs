//! Tab-separated tables compiled into the library.

/// The rows of a table as `N` columns, without comments, the header and empty lines. A cell that
/// is not there reads as empty; a test holds every file to its number of columns.
pub(super) fn rows<const N: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| {
        let mut cells = line.split('\t');
        std::array::from_fn(|_| cells.next().unwrap_or(""))
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_row_has_as_many_cells_as_its_header() {
        for text in [
            include_str!("../../models/assumption_values.tsv"),
            include_str!("../../models/assumptions.tsv"),
            include_str!("../../models/bind-defaults.tsv"),
            include_str!("../../models/calls.tsv"),
            include_str!("../../models/codes.tsv"),
            include_str!("../../models/dynamic_ports.tsv"),
            include_str!("../../models/endpoint_needs.tsv"),
            include_str!("../../models/exit-codes.tsv"),
            include_str!("../../models/failure-advice.tsv"),
            include_str!("../../models/failure-causes.tsv"),
            include_str!("../../models/failure-kinds.tsv"),
            include_str!("../../models/failure-stages.tsv"),
            include_str!("../../models/fargate_sizes.tsv"),
            include_str!("../../models/fixes.tsv"),
            include_str!("../../models/health_checks.tsv"),
            include_str!("../../models/launchers.tsv"),
            include_str!("../../models/other_hosts.tsv"),
            include_str!("../../models/others.tsv"),
            include_str!("../../models/partitions.tsv"),
            include_str!("../../models/pull_through.tsv"),
            include_str!("../../models/registries.tsv"),
            include_str!("../../models/reserved_ports.tsv"),
            include_str!("../../models/services.tsv"),
            include_str!("../../models/startup-logs.tsv"),
            include_str!("../../models/stop-reasons.tsv"),
            include_str!("../../models/symptoms.tsv"),
            include_str!("../../models/target_health.tsv"),
            include_str!("../../models/template_fields.tsv"),
            include_str!("../../models/template_values.tsv"),
            include_str!("../../models/faults.tsv"),
            include_str!("../../models/redaction.tsv"),
            include_str!("../../models/snapshot.tsv"),
            include_str!("../../models/wire.tsv"),
        ] {
            let header = text.lines().rfind(|line| line.starts_with('#')).unwrap();
            let columns = header.split('\t').count();
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                assert_eq!(line.split('\t').count(), columns, "{line}");
            }
        }
    }
}
