//! Streams of random numbers of a patient's own kinetics: each therapy has some, whatever else is given.

use crate::therapy::Therapy;

/// Number of a therapy's first kinetics stream, from its id alone: another therapy beside it changes nothing (FNV-1a).
pub(crate) fn stream_number(id: &str) -> u16 {
    let hash = id
        .bytes()
        .fold(0x811c_9dc5u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    (hash ^ hash >> 16) as u16
}

/// Two of these therapies whose random effects would be the same numbers, because their ids lead to overlapping streams.
pub(crate) fn shared_stream<'a>(therapies: &[&'a Therapy]) -> Option<(&'a str, &'a str)> {
    let pairs = therapies.iter().enumerate();
    let mut pairs = pairs.flat_map(|(k, a)| therapies[k + 1..].iter().map(move |b| (*a, *b)));
    let overlap = |a: &Therapy, b: &Therapy| {
        // Streams are numbered around a circle; a product made for a patient takes one of its own purpose at its first number.
        let ahead = stream_number(&b.id).wrapping_sub(stream_number(&a.id));
        usize::from(ahead) < a.random_effects.len().max(1)
    };
    let found = pairs.find(|(a, b)| a.id != b.id && (overlap(a, b) || overlap(b, a)));
    found.map(|(a, b)| (a.id.as_str(), b.id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;

    #[test]
    fn therapies_of_the_library_have_streams_of_their_own() {
        let products = library::products();
        let therapies: Vec<&Therapy> = products.values().map(|product| &product.therapy).collect();
        assert!(therapies.len() > 40);
        assert_eq!(shared_stream(&therapies), None);
    }

    /// Ids found by trying numbers until two lead to the same stream.
    #[test]
    fn therapies_with_one_stream_are_found() {
        let base = library::products()["anifrolumab"].therapy.clone();
        let mut seen = std::collections::BTreeMap::new();
        let pair = (0..).find_map(|k| {
            let id = format!("x{k}");
            seen.insert(stream_number(&id), id.clone()).map(|earlier| (earlier, id))
        });
        let (first, second) = pair.expect("2^16 streams and more ids");
        let named = |id: &str| Therapy {
            id: id.to_owned(),
            ..base.clone()
        };
        let (a, b) = (named(&first), named(&second));
        assert_eq!(shared_stream(&[&a, &b]), Some((first.as_str(), second.as_str())));
        assert_eq!(shared_stream(&[&a, &a]), None);
    }
}
