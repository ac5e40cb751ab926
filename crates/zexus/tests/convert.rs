//! Types of Rust and values of a program.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use zexus::{Data, FromData, IntoArgs, IntoData, Key};

#[track_caller]
fn both<T: FromData + IntoData + Clone + PartialEq + std::fmt::Debug>(value: T, data: Data) {
    assert_eq!(value.clone().into_data(), data);
    assert_eq!(data.to::<T>(), Ok(value));
}

#[test]
fn values_go_both_ways() {
    both((), Data::Null);
    both(true, Data::Bool(true));
    both(-5i64, Data::Int(-5));
    both(7u8, Data::Int(7));
    both(u64::MAX, Data::Big(u64::MAX.into()));
    both(i128::MIN, Data::Big(i128::MIN.into()));
    both(BigInt::from(3), Data::Int(3));
    both(1.5, Data::Float(1.5));
    both("a".to_string(), Data::Str("a".into()));
    both(None::<i64>, Data::Null);
    both(Some(1i64), Data::Int(1));
    both(vec![1i64, 2], Data::List(vec![Data::Int(1), Data::Int(2)]));
    both(BTreeMap::from([("k".to_string(), 1i64)]), Data::record([("k", Data::Int(1))]));
    both(BTreeMap::from([(2i64, true)]), Data::Map([(Key::Int(2), Data::Bool(true))].into_iter().collect()));
}

#[test]
fn what_does_not_fit_is_refused() {
    let error = |data: Data| data.to::<i64>().unwrap_err().to_string();
    assert_eq!(error(Data::Str("1".into())), "expected int of 64 bits, got string");
    assert_eq!(error(Data::Float(1.0)), "expected int of 64 bits, got float");
    assert_eq!(error(Data::Big(BigInt::from(u64::MAX))), "expected int of 64 bits, got int");
    assert!(Data::Int(256).to::<u8>().is_err());
    assert!(Data::Int(-1).to::<u64>().is_err());
    assert!(Data::Null.to::<bool>().is_err());
    assert!(Data::Int(1).to::<bool>().is_err());
    assert!(Data::List(vec![Data::Null]).to::<Vec<i64>>().is_err());
    assert!(Data::record([("a", Data::Null)]).to::<BTreeMap<i64, Data>>().is_err());
    assert_eq!(Data::Int(2).to::<f64>(), Ok(2.0));
}

#[test]
fn arguments_are_tuples() {
    assert_eq!(().into_args(), []);
    assert_eq!((1i64, "a").into_args(), [Data::Int(1), Data::Str("a".into())]);
    assert_eq!(vec![Data::Null].into_args(), [Data::Null]);
}
