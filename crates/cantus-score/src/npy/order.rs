//! Orders of dimensions.

/// Numbers whose first dimension lies together, put so that the last one does.
pub(super) fn c_order(numbers: &[u8], shape: &[usize], size: usize) -> Vec<u8> {
    let mut result = Vec::with_capacity(numbers.len());
    // How far apart neighbours of each dimension lie in what is read.
    let strides: Vec<usize> = shape
        .iter()
        .scan(size, |stride, &length| {
            let this = *stride;
            *stride *= length;
            Some(this)
        })
        .collect();
    let mut place = vec![0; shape.len()];
    let mut offset = 0;
    while result.len() < numbers.len() {
        result.extend_from_slice(numbers.get(offset..offset + size).unwrap_or_default());
        // The next place: the last dimension counts fastest.
        for ((count, &length), &stride) in place.iter_mut().zip(shape).zip(&strides).rev() {
            *count += 1;
            offset += stride;
            if *count < length {
                break;
            }
            offset -= stride * length;
            *count = 0;
        }
    }
    result
}
