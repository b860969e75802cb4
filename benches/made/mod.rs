//! Networks made to order, as saved AWS CLI output in memory.

use std::io::{self, Write};
use vpc_reach::generate::{Folder, Order, Plan, Shape, write_describe};
use vpc_reach::read::describe::Document;

#[derive(Default)]
struct Memory(Vec<(String, Vec<u8>)>);

impl Folder for Memory {
    fn file(&mut self, path: &str) -> io::Result<Box<dyn Write + '_>> {
        self.0.push((path.to_owned(), Vec::new()));
        let (_, file) = self.0.last_mut().expect("it was just added");
        Ok(Box::new(file))
    }
}

/// A fleet of `vpcs` VPCs with `interfaces` interfaces each.
pub fn fleet(vpcs: u32, interfaces: u32, seed: u64) -> Vec<Document> {
    network(Order { shape: Shape::Fleet, vpcs, interfaces, seed })
}

/// A network of any shape.
pub fn network(order: Order) -> Vec<Document> {
    let plan = Plan::new(order).expect("there are networks of any size");
    let mut memory = Memory::default();
    write_describe(&plan, &mut memory).expect("memory takes all");
    let document = |(path, bytes): (String, Vec<u8>)| {
        let text = String::from_utf8(bytes).expect("JSON is UTF-8");
        let mut document = Document::new(&path, &text);
        let mut folders = path.split('/').map(Into::into);
        (document.scope.account, document.scope.region) = (folders.next(), folders.next());
        document
    };
    memory.0.into_iter().map(document).collect()
}
