use std::collections::HashMap;
use std::convert::Infallible;

use super::*;
use zexus_verify::Log;

#[test]
fn proofs_are_those_of_the_crypto_crate_and_verify() {
    const MOST: u64 = 40;
    let (mut log, mut nodes, mut leaves, mut roots) =
        (Log::new(), HashMap::new(), Vec::new(), vec![log_root(0)]);
    for n in 0..MOST {
        log.push_with(&[n as u8], |level, number, hash| {
            assert_eq!(nodes.insert((level, number), hash), None);
        });
        leaves.push(merkle::leaf(&[n as u8]));
        roots.push(log.root());
    }
    let node = |level, number| Ok::<Hash, Infallible>(nodes[&(level, number)]);
    for size in 0..=MOST {
        let first = &leaves[..size as usize];
        for index in 0..=size {
            let Ok(proof) = inclusion(index, size, node);
            assert_eq!(proof, zexus_crypto::merkle::prove_inclusion(first, index as usize));
            if let Some(proof) = proof {
                let root = &roots[size as usize];
                assert!(merkle::verify_inclusion(index, size, &leaves[index as usize], &proof, root));
            }
            let Ok(proof) = consistency(index, size, node);
            assert_eq!(proof, zexus_crypto::merkle::prove_consistency(first, index as usize));
            let (old, new) = (&roots[index as usize], &roots[size as usize]);
            assert!(merkle::verify_consistency(index, size, old, new, &proof.unwrap()));
        }
        assert_eq!(inclusion(size + 1, size, node), Ok(None));
        assert_eq!(consistency(size + 1, size, node), Ok(None));
    }
}

fn log_root(_: u64) -> Hash {
    Log::new().root()
}
