//! Puts the items of a flow in an order in which little waits.
//!
//! Written down depth first, a flow keeps values close to their use, but long chains (a power takes 200 cycles) run one after the other.
//! So among the next few items those that are ready go first, the one with the longest chain behind it before the others; the window keeps
//! the number of values alive small enough for the registers.

use super::flow::{Flow, Item, Node, Operator, Value};

/// Items looked ahead. On the benchmark model 64 to 128 gave 10 % more patients per second than none, 256 no more than none: values then
/// outlive the registers. Preferring items that free a register once most are taken changed neither the number of loads nor the time.
const WINDOW: usize = 96;

/// Items that can begin in one cycle: one multiplication or division and one addition, roughly.
const PER_CYCLE: u32 = 2;

/// Cycles from operands to result, in cycles of current CPUs (Zen 4 and Ice Lake differ by one or two).
fn latency(node: Node) -> u32 {
    match node {
        Node::Load(_) | Node::Constant(_) => 0,
        Node::Two(Operator::Divide, ..) => 14,
        Node::Sqrt(_) => 20,
        Node::Two(Operator::Add | Operator::Subtract | Operator::Multiply, ..)
        | Node::MultiplySubtract(_)
        | Node::Floor(_)
        | Node::Ceil(_) => 4,
        Node::Choose(..) => 5,
        Node::Two(..) | Node::Shift(..) => 1,
        Node::Call(..) => 100,
    }
}

/// The items of `flow` in a better order.
pub(crate) fn schedule(flow: &Flow) -> Vec<Item> {
    let items = &flow.items;
    let height = heights(flow);
    let mut finished: Vec<Option<u32>> = flow
        .nodes
        .iter()
        .map(|node| matches!(node, Node::Load(_) | Node::Constant(_)).then_some(0))
        .collect();
    let mut ordered = Vec::with_capacity(items.len());
    let mut waiting: Vec<usize> = Vec::new();
    let (mut next, mut cycle, mut begun) = (0, 0, 0);
    while next < items.len() || !waiting.is_empty() {
        while waiting.len() < WINDOW && next < items.len() {
            waiting.push(next);
            next += 1;
        }
        // Each item with the cycle in which it can begin; those of the same cycle by height, then by place.
        let begin = |&i: &usize| ready(flow, items[i], &finished);
        let best = waiting.iter().enumerate().filter_map(|(at, i)| {
            let begin = begin(i)?.max(cycle);
            let urgent = match items[*i] {
                Item::Store(..) => u32::MAX, // frees a register
                Item::Compute(value) => height[value.0 as usize],
            };
            Some((begin, std::cmp::Reverse(urgent), at))
        });
        let (begin, _, at) = best.min().expect("the first item waiting needs earlier ones only");
        let item = items[waiting.remove(at)];
        if begin > cycle {
            (cycle, begun) = (begin, 0);
        }
        if let Item::Compute(value) = item {
            finished[value.0 as usize] = Some(cycle + latency(flow.nodes[value.0 as usize]));
            begun += 1;
            if begun == PER_CYCLE {
                (cycle, begun) = (cycle + 1, 0);
            }
        }
        ordered.push(item);
    }
    ordered
}

/// When an item's operands are there; `None` while one is not scheduled.
fn ready(flow: &Flow, item: Item, finished: &[Option<u32>]) -> Option<u32> {
    match item {
        Item::Store(value, _) => finished[value.0 as usize],
        Item::Compute(value) => flow.nodes[value.0 as usize]
            .operands()
            .try_fold(0, |latest, operand| Some(latest.max(finished[operand.0 as usize]?))),
    }
}

/// Cycles from the beginning of each value to the end of everything made of it.
fn heights(flow: &Flow) -> Vec<u32> {
    let mut height = vec![0; flow.nodes.len()];
    for item in flow.items.iter().rev() {
        if let Item::Compute(Value(v)) = *item {
            let node = flow.nodes[v as usize];
            height[v as usize] += latency(node);
            for operand in node.operands() {
                height[operand.0 as usize] = height[operand.0 as usize].max(height[v as usize]);
            }
        }
    }
    height
}
