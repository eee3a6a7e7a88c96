//! Where a lane lies among others, for interpreters that look one up in every instruction.
#![expect(
    unsafe_code,
    reason = "interpreters check the places of a program once, not at every access"
)]

use crate::lane::Lane;

/// A lane's number, kept as its distance in bytes from the first: reading it then takes neither shift nor comparison, which together were
/// a fifth of an interpreted step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(u32);

impl Place {
    /// The place of lane `number`; `None` from 2^26 (4 GiB) on.
    #[must_use]
    pub fn new(number: usize) -> Option<Place> {
        let bytes = number.checked_mul(size_of::<Lane>())?;
        u32::try_from(bytes).ok().map(Place)
    }

    /// The lane's number.
    #[inline(always)]
    #[must_use]
    pub fn number(self) -> usize {
        self.0 as usize / size_of::<Lane>()
    }

    /// The lane here.
    ///
    /// # Safety
    /// `self.number()` must be below the number of lanes.
    #[inline(always)]
    #[must_use]
    pub unsafe fn read(self, lanes: &[Lane]) -> Lane {
        debug_assert!(self.number() < lanes.len());
        // SAFETY: the caller's promise; the distance is a multiple of a lane's size.
        unsafe { *lanes.as_ptr().byte_add(self.0 as usize) }
    }

    /// Replaces the lane here.
    ///
    /// # Safety
    /// As for [`read`](Self::read).
    #[inline(always)]
    pub unsafe fn write(self, lanes: &mut [Lane], value: Lane) {
        debug_assert!(self.number() < lanes.len());
        // SAFETY: as in `read`.
        unsafe { *lanes.as_mut_ptr().byte_add(self.0 as usize) = value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_number_it_was_made_of() {
        let mut lanes: Vec<Lane> = (0..5).map(|i| Lane::splat(f64::from(i))).collect();
        for i in 0..5 {
            let place = Place::new(i).expect("small");
            assert_eq!(place.number(), i);
            // SAFETY: below five.
            unsafe {
                assert_eq!(place.read(&lanes), lanes[i]);
                place.write(&mut lanes, Lane::splat(-1.0));
            }
            assert_eq!(lanes[i], Lane::splat(-1.0));
        }
        assert_eq!(Place::new(1 << 26), None);
    }
}
