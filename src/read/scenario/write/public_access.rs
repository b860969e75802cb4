//! VPC Block Public Access.

use super::Writer;
use super::tree::Map;
use crate::network::{
    BlockMode, Excluded, ExclusionMode, Kind, PublicAccessBlock, PublicAccessExclusion,
};
use crate::read::scenario::public_access::MODES;

/// What a block is called.
pub(super) fn mode(mode: BlockMode) -> &'static str {
    MODES.iter().find(|(_, one)| *one == mode).map_or("off", |(word, _)| word)
}

impl Writer<'_> {
    pub(super) fn public_access_block(&self, block: &PublicAccessBlock) -> Option<Map> {
        let mut map = Map::default();
        map.put("mode", block.mode.map_or("unknown", mode));
        Some(map)
    }

    pub(super) fn public_access_exclusion(&self, one: &PublicAccessExclusion) -> Option<Map> {
        let mut map = Map::default();
        match &one.excluded {
            Excluded::Vpc(id) => map.put("vpc", self.key(Kind::Vpc, id)),
            Excluded::Subnet(id) => map.put("subnet", self.key(Kind::Subnet, id)),
        }
        if one.mode == ExclusionMode::Egress {
            map.put("mode", "allow-egress");
        }
        map.unless("state", one.state.as_str(), "create-complete");
        Some(map)
    }
}
