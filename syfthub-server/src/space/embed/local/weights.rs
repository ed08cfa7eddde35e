//! Reading a `.safetensors` file: a JSON header that names each tensor's type, shape and place, then their bytes.

use std::collections::HashMap;

use serde::Deserialize;

use super::BadModel;

/// A larger header is none.
const LONGEST_HEADER: u64 = 16 << 20;

/// The tensors of a file.
pub(super) struct Tensors<'a> {
    described: HashMap<String, Described>,
    data: &'a [u8],
}

#[derive(Deserialize)]
struct Described {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

impl<'a> Tensors<'a> {
    /// Reads the header of the file in `bytes`.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, BadModel> {
        let bad = || BadModel("model.safetensors is damaged".to_owned());
        let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(bad)?;
        let length = u64::from_le_bytes(*length);
        let length = usize::try_from(length.min(LONGEST_HEADER)).map_err(|_| bad())?;
        let (header, data) = rest.split_at_checked(length).ok_or_else(bad)?;
        let header: HashMap<String, serde_json::Value> =
            serde_json::from_slice(header).map_err(|_| bad())?;
        let described = header
            .into_iter()
            .filter(|(name, _)| name != "__metadata__")
            .map(|(name, value)| Ok((name, serde_json::from_value(value).map_err(|_| bad())?)))
            .collect::<Result<_, BadModel>>()?;
        Ok(Self { described, data })
    }

    /// The numbers of the tensor `name`, which must have this shape. Some files name everything below `bert.`.
    pub(super) fn take(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, BadModel> {
        let found =
            self.described.get(name).or_else(|| self.described.get(&format!("bert.{name}")));
        let bad = |why: &str| BadModel(format!("model.safetensors: {name} {why}"));
        let tensor = found.ok_or_else(|| bad("is missing"))?;
        if tensor.shape != shape {
            return Err(bad(&format!("has the shape {:?}, expected {shape:?}", tensor.shape)));
        }
        let (start, end) = tensor.data_offsets;
        let bytes = self.data.get(start..end).ok_or_else(|| bad("reaches beyond the file"))?;
        let numbers: Vec<f32> = match tensor.dtype.as_str() {
            "F32" => bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect(),
            "F16" => bytes.as_chunks().0.iter().map(|two| half(u16::from_le_bytes(*two))).collect(),
            "BF16" => {
                let wide =
                    |two: &[u8; 2]| f32::from_bits(u32::from(u16::from_le_bytes(*two)) << 16);
                bytes.as_chunks().0.iter().map(wide).collect()
            }
            other => return Err(bad(&format!("has numbers of the type {other}"))),
        };
        if numbers.len() != shape.iter().product::<usize>() {
            return Err(bad("has another size than its shape"));
        }
        Ok(numbers)
    }
}

/// A number of half precision (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f32::from(bits & 0x3ff) / 1024.0;
    sign * match exponent {
        0 => fraction * 2.0_f32.powi(-14),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction) * 2.0_f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend_from_slice(header.as_bytes());
        file.extend_from_slice(data);
        file
    }

    #[test]
    fn numbers_of_each_precision_are_read() {
        let header = r#"{"__metadata__":{"format":"pt"},
            "bert.a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
            "b":{"dtype":"F16","shape":[1,2],"data_offsets":[8,12]},
            "c":{"dtype":"BF16","shape":[1],"data_offsets":[12,14]}}"#;
        let mut data = Vec::new();
        data.extend_from_slice(&1.5_f32.to_le_bytes());
        data.extend_from_slice(&(-2.0_f32).to_le_bytes());
        data.extend_from_slice(&[0x00, 0x3c, 0x00, 0xc1]);
        data.extend_from_slice(&[0x40, 0x40]);
        let file = file(header, &data);
        let tensors = Tensors::read(&file).unwrap();
        assert_eq!(tensors.take("a", &[2]).unwrap(), [1.5, -2.0]);
        assert_eq!(tensors.take("b", &[1, 2]).unwrap(), [1.0, -2.5]);
        assert_eq!(tensors.take("c", &[1]).unwrap(), [3.0]);
    }

    #[test]
    fn a_damaged_file_is_refused_with_its_reason() {
        let reason = |bytes: &[u8]| match Tensors::read(bytes) {
            Ok(tensors) => tensors.take("a", &[1]).unwrap_err().0,
            Err(bad) => bad.0,
        };
        assert!(reason(b"short").contains("damaged"));
        assert!(reason(&u64::MAX.to_le_bytes()).contains("damaged"));
        assert!(reason(&file("{}", &[])).contains("a is missing"));
        let beyond = r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
        assert!(reason(&file(beyond, &[0])).contains("beyond"));
        let other = r#"{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}"#;
        assert!(reason(&file(other, &[0])).contains("I8"));
    }
}
