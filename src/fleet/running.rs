//! Sums over the zones from which packets come, kept from one zone to the next: their senders are
//! much the same.

use super::bits::Bits;

/// Hosts by group, of the lines of a column.
pub(super) struct Running<'m> {
    column: Option<&'m Bits>,
    by_group: Vec<u64>,
}

impl<'m> Running<'m> {
    /// None so far, out of so many groups.
    pub(super) fn new(groups: usize) -> Self {
        Self { column: None, by_group: vec![0; groups] }
    }

    /// Turns to a column, each of whose lines stands for hosts of a group.
    pub(super) fn turn(&mut self, column: &'m Bits, line: impl Fn(usize) -> (u32, u64)) {
        let mut count = |index: usize, comes: bool| {
            let (group, hosts) = line(index);
            let sum = &mut self.by_group[group as usize];
            *sum = if comes { *sum + hosts } else { *sum - hosts };
        };
        match self.column {
            Some(last) => {
                last.changes(column).for_each(|index| count(index, column.contains(index)))
            }
            None => column.iter().for_each(|index| count(index, true)),
        }
        self.column = Some(column);
    }

    /// The hosts of each group, those that are not nothing.
    pub(super) fn sums(&self) -> impl Iterator<Item = (u32, u64)> {
        (0..).zip(self.by_group.iter().copied()).filter(|(_, hosts)| *hosts > 0)
    }
}
