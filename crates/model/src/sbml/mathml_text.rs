//! Writing MathML.
