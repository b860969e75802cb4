//! Sets of headers.

use super::{AddressSet, Packet, PortSet};
use std::sync::Arc;

/// What may be free in the headers of one flow, each dimension independent of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimensions {
    /// The client's addresses.
    pub source: AddressSet,
    /// The server's addresses.
    pub destination: AddressSet,
    /// The client's ports.
    pub source_port: PortSet,
    /// The server's ports.
    pub destination_port: PortSet,
    /// The source address and port that each address translation on the way may pick, first one
    /// first.
    pub translations: Vec<(AddressSet, PortSet)>,
    /// Which of several equal ways was picked, first one first, there and back.
    pub picks: Vec<Arc<str>>,
}

/// One of the address dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressDimension {
    /// [`Dimensions::source`].
    Source,
    /// [`Dimensions::destination`].
    Destination,
    /// The address of one of [`Dimensions::translations`].
    Translation(usize),
}

/// One of the port dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortDimension {
    /// [`Dimensions::source_port`].
    Source,
    /// [`Dimensions::destination_port`].
    Destination,
    /// The port of one of [`Dimensions::translations`].
    Translation(usize),
}

/// A product of [`Dimensions`]: every combination of their values is a header of the set.
///
/// Cutting a product along a dimension gives a product inside and a product outside, so a walk
/// that cuts never loses a header and never counts one twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderSet(pub Dimensions);

impl HeaderSet {
    /// Whether no header is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Dimensions { source, destination, source_port, destination_port, translations, .. } =
            &self.0;
        source.is_empty()
            || destination.is_empty()
            || source_port.is_empty()
            || destination_port.is_empty()
            || translations
                .iter()
                .any(|(addresses, ports)| addresses.is_empty() || ports.is_empty())
    }

    /// The values along an address dimension.
    #[must_use]
    pub fn addresses(&self, dimension: AddressDimension) -> &AddressSet {
        match dimension {
            AddressDimension::Source => &self.0.source,
            AddressDimension::Destination => &self.0.destination,
            AddressDimension::Translation(index) => &self.0.translations[index].0,
        }
    }

    /// The values along a port dimension.
    #[must_use]
    pub fn ports(&self, dimension: PortDimension) -> &PortSet {
        match dimension {
            PortDimension::Source => &self.0.source_port,
            PortDimension::Destination => &self.0.destination_port,
            PortDimension::Translation(index) => &self.0.translations[index].1,
        }
    }

    /// The part whose address along `dimension` is in `within`, and the rest.
    #[must_use]
    pub fn cut_addresses(&self, dimension: AddressDimension, within: &AddressSet) -> (Self, Self) {
        let whole = self.addresses(dimension);
        let with = |addresses| {
            let mut part = self.clone();
            match dimension {
                AddressDimension::Source => part.0.source = addresses,
                AddressDimension::Destination => part.0.destination = addresses,
                AddressDimension::Translation(index) => part.0.translations[index].0 = addresses,
            }
            part
        };
        (with(whole.intersection(within)), with(whole.difference(within)))
    }

    /// The part whose port along `dimension` is in `within`, and the rest.
    #[must_use]
    pub fn cut_ports(&self, dimension: PortDimension, within: &PortSet) -> (Self, Self) {
        let whole = self.ports(dimension);
        let with = |ports| {
            let mut part = self.clone();
            match dimension {
                PortDimension::Source => part.0.source_port = ports,
                PortDimension::Destination => part.0.destination_port = ports,
                PortDimension::Translation(index) => part.0.translations[index].1 = ports,
            }
            part
        };
        (with(whole.intersection(within)), with(whole.difference(within)))
    }

    /// Whether the packet's header is in the set. A translation or pick that either side says
    /// nothing of counts as free.
    #[must_use]
    pub fn contains(&self, packet: &Packet) -> bool {
        let Dimensions { source, destination, source_port, destination_port, translations, picks } =
            &self.0;
        source.contains(packet.source)
            && destination.contains(packet.destination)
            && source_port.contains(packet.source_port)
            && destination_port.contains(packet.destination_port)
            && translations.iter().zip(&packet.translations).all(
                |((addresses, ports), &(ip, port))| addresses.contains(ip) && ports.contains(port),
            )
            && picks.iter().zip(&packet.picks).all(|(ours, picked)| ours == picked)
    }
}
