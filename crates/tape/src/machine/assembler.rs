//! Bytes of the few vector instructions that flows need, for AVX2 (VEX) and AVX-512 (EVEX).
//!
//! Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, sections 2.3 (VEX) and 2.7 (EVEX).

/// Which vectors to write code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vectors {
    /// Four numbers, registers 0 to 14; the last is kept for comparisons.
    Avx2,
    /// Eight numbers, registers 0 to 31; comparisons go to mask register 1.
    Avx512,
}

impl Vectors {
    /// Numbers in a vector.
    pub fn lanes(self) -> usize {
        match self {
            Vectors::Avx2 => 4,
            Vectors::Avx512 => 8,
        }
    }

    /// Registers for values.
    pub fn registers(self) -> usize {
        match self {
            Vectors::Avx2 => 15,
            Vectors::Avx512 => 32,
        }
    }
}

/// Comparisons go here on AVX2.
const COMPARED: u8 = 15;

/// Map and opcode of `vfmsub231pd`.
const FUSED: (u8, u8) = (2, 0xba);

/// An operand in a register or in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Register(u8),
    /// Base register (of the eight plus eight general ones) and displacement in bytes.
    Memory {
        base: u8,
        offset: i32,
    },
    /// Number in the pool of constants, the same in every lane.
    Constant(u32),
}

/// An instruction's place in the tables: mandatory prefix 66, opcode map (1: 0F, 2: 0F38, 3: 0F3A), opcode.
#[derive(Clone, Copy, Debug)]
struct Opcode(u8, u8);

/// A function being assembled.
pub(crate) struct Assembler {
    pub vectors: Vectors,
    bytes: Vec<u8>,
    /// Where displacements to constants stand, what they count from, and which constant.
    fixes: Vec<(usize, usize, u32)>,
    constants: Vec<u64>,
}

impl Assembler {
    pub fn new(vectors: Vectors) -> Self {
        Assembler {
            vectors,
            bytes: Vec::new(),
            fixes: Vec::new(),
            constants: Vec::new(),
        }
    }

    /// Number in the pool of a constant not asked for before.
    pub fn constant(&mut self, bits: u64) -> u32 {
        self.constants.push(bits);
        self.constants.len() as u32 - 1
    }

    /// `to = a op b` for an instruction of map 0F.
    pub fn arithmetic(&mut self, opcode: u8, to: u8, a: u8, b: Operand) {
        self.vector(Opcode(1, opcode), to, a, b, 0, None);
    }

    /// `to = a b - to`, rounded once.
    pub fn multiply_subtract(&mut self, to: u8, a: u8, b: Operand) {
        self.vector(Opcode(FUSED.0, FUSED.1), to, a, b, 0, None);
    }

    /// `to = sqrt(a)`.
    pub fn sqrt(&mut self, to: u8, a: Operand) {
        self.vector(Opcode(1, 0x51), to, 0, a, 0, None);
    }

    /// `to = a` rounded; mode 9 is down, 10 is up.
    pub fn round(&mut self, to: u8, a: Operand, mode: u8) {
        self.vector(Opcode(3, 0x09), to, 0, a, 0, Some(mode));
    }

    /// `to = a` with its bits shifted left (positive) or right.
    pub fn shift(&mut self, to: u8, a: u8, by: i8) {
        let extension = if by > 0 { 6 } else { 2 };
        self.vector(
            Opcode(1, 0x73),
            extension,
            to,
            Operand::Register(a),
            0,
            Some(by.unsigned_abs()),
        );
    }

    pub fn load(&mut self, to: u8, from: Operand) {
        match (from, self.vectors) {
            (Operand::Constant(_), Vectors::Avx512) => self.vector(Opcode(2, 0x19), to, 0, from, 0, None),
            _ => self.vector(Opcode(1, 0x28), to, 0, from, 0, None),
        }
    }

    pub fn store(&mut self, from: u8, to: Operand) {
        self.vector(Opcode(1, 0x29), from, 0, to, 0, None);
    }

    /// Compares by a predicate of `vcmppd`; the result is used by the next [`Self::blend`].
    pub fn compare(&mut self, predicate: u8, a: u8, b: Operand) {
        let to = if self.vectors == Vectors::Avx512 { 1 } else { COMPARED };
        self.vector(Opcode(1, 0xc2), to, a, b, 0, Some(predicate));
    }

    /// `to = then` where the last comparison held, else `otherwise`.
    pub fn blend(&mut self, to: u8, then: Operand, otherwise: u8) {
        match self.vectors {
            Vectors::Avx512 => self.vector(Opcode(2, 0x65), to, otherwise, then, 1, None),
            Vectors::Avx2 => self.vector(Opcode(3, 0x4b), to, otherwise, then, 0, Some(COMPARED << 4)),
        }
    }

    /// Calls `function(address, lanes)` on memory; every vector register is lost.
    pub fn call(&mut self, function: usize, base: u8, offset: i32) {
        self.bytes.extend([0xc5, 0xf8, 0x77]); // vzeroupper
        self.bytes.extend([0x57, 0x56, 0x52, 0x51, 0x41, 0x50, 0x41, 0x51]); // push rdi, rsi, rdx, rcx, r8, r9
        self.bytes.extend([0x48, 0x83, 0xec, 0x08]); // sub rsp, 8: the return address and seven words are 64 bytes
        let rex = if base >= 8 { 0x49 } else { 0x48 };
        self.bytes.extend([rex, 0x8d, 0x80 | 7 << 3 | (base & 7)]); // lea rdi, [base + offset]
        self.bytes.extend(offset.to_le_bytes());
        self.bytes.push(0xbe); // mov esi, lanes
        self.bytes.extend((self.vectors.lanes() as u32).to_le_bytes());
        self.bytes.extend([0x48, 0xb8]); // mov rax, function
        self.bytes.extend((function as u64).to_le_bytes());
        self.bytes.extend([0xff, 0xd0]); // call rax
        self.bytes.extend([0x48, 0x83, 0xc4, 0x08]); // add rsp, 8
        self.bytes.extend([0x41, 0x59, 0x41, 0x58, 0x59, 0x5a, 0x5e, 0x5f]); // pop in reverse
    }

    /// Ends the function; returns its bytes, constants behind the code.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.extend([0xc5, 0xf8, 0x77, 0xc3]); // vzeroupper; ret
        self.bytes.resize(self.bytes.len().next_multiple_of(64), 0xcc);
        let pool = self.bytes.len();
        let copies = self.copies();
        for (at, from, constant) in std::mem::take(&mut self.fixes) {
            let target = pool + constant as usize * copies * 8;
            let distance = i32::try_from(target - from).expect("code is smaller than 2 GiB");
            self.bytes[at..at + 4].copy_from_slice(&distance.to_le_bytes());
        }
        for constant in &self.constants {
            for _ in 0..copies {
                self.bytes.extend(constant.to_le_bytes());
            }
        }
        self.bytes
    }

    /// How often a constant is repeated in the pool: AVX-512 instructions repeat it themselves.
    fn copies(&self) -> usize {
        if self.vectors == Vectors::Avx512 { 1 } else { 4 }
    }

    /// One instruction: `reg`, `vvvv` and `rm` are the fields of the manual; `mask` is a mask register.
    fn vector(&mut self, Opcode(map, opcode): Opcode, reg: u8, vvvv: u8, rm: Operand, mask: u8, immediate: Option<u8>) {
        let (x, b) = match rm {
            Operand::Register(r) => (r >> 4 & 1, r >> 3 & 1),
            Operand::Memory { base, .. } => (0, base >> 3),
            Operand::Constant(_) => (0, 0),
        };
        let inverted = |bit: u8, at: u8| (!bit & 1) << at;
        let r = inverted(reg >> 3, 7) | inverted(x, 6) | inverted(b, 5);
        // vbroadcastsd reads one number by itself; other instructions are told to repeat it.
        let is_broadcast = map == 2 && opcode == 0x19;
        let scalar = matches!(rm, Operand::Constant(_)) && self.vectors == Vectors::Avx512;
        match self.vectors {
            Vectors::Avx512 => self.bytes.extend([
                0x62,
                r | inverted(reg >> 4, 4) | map,
                0x80 | (!vvvv & 15) << 3 | 1 << 2 | 1,
                2 << 5 | u8::from(scalar && !is_broadcast) << 4 | inverted(vvvv >> 4, 3) | mask,
                opcode,
            ]),
            Vectors::Avx2 => {
                // Only fused operations ask this bit whether numbers are of 64 bits.
                let wide = u8::from((map, opcode) == FUSED) << 7;
                self.bytes
                    .extend([0xc4, r | map, wide | (!vvvv & 15) << 3 | 1 << 2 | 1, opcode]);
            }
        }
        self.operand(reg, rm, immediate);
        self.bytes.extend(immediate);
    }

    /// The ModRM byte and displacement.
    fn operand(&mut self, reg: u8, rm: Operand, immediate: Option<u8>) {
        let field = (reg & 7) << 3;
        match rm {
            Operand::Register(r) => self.bytes.push(0xc0 | field | r & 7),
            Operand::Memory { base, offset } => {
                let unit = if self.vectors == Vectors::Avx512 { 64 } else { 1 };
                let short = i8::try_from(offset / unit).ok().filter(|_| offset % unit == 0);
                match short {
                    Some(short) => self.bytes.extend([0x40 | field | base & 7, short as u8]),
                    None => {
                        self.bytes.push(0x80 | field | base & 7);
                        self.bytes.extend(offset.to_le_bytes());
                    }
                }
            }
            Operand::Constant(constant) => {
                self.bytes.push(field | 5); // relative to the next instruction
                let at = self.bytes.len();
                self.fixes.push((at, at + 4 + immediate.iter().count(), constant));
                self.bytes.extend([0; 4]);
            }
        }
    }
}
