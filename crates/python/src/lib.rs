//! import malar
