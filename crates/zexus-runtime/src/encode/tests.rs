use num_traits::Pow;
use proptest::prelude::*;

use super::{encode, *};
use crate::host::Quiet;
use crate::limits::Limits;
use crate::object::{FieldObj, InstanceObj, MapObj, RangeObj, TypeObj};
use crate::ordered::OrderedMap;

fn machine() -> Machine {
    Machine::new(Box::new(Quiet::default()), Limits::default())
}

fn hex(bytes: &[u8]) -> String {
    zexus_crypto::hex::encode(bytes)
}

fn unhex(text: &str) -> Vec<u8> {
    zexus_crypto::hex::decode(text).unwrap()
}

fn big(m: &mut Machine, n: BigInt) -> Value {
    Value::bigint(m.heap.alloc_bigint(crate::object::BigIntObj(n)).unwrap())
}

fn string(m: &mut Machine, text: &str) -> Value {
    m.string(text).unwrap()
}

#[test]
fn vectors_of_the_specification() {
    let mut m = machine();
    let m = &mut m;
    let two63: BigInt = BigInt::from(2).pow(63u32);
    let values = [
        (Value::NULL, "00"),
        (Value::FALSE, "01"),
        (Value::TRUE, "02"),
        (Value::int(0), "0300"),
        (Value::int(1), "030101"),
        (Value::int(-1), "0301ff"),
        (Value::int(127), "03017f"),
        (Value::int(128), "03020080"),
        (Value::int(-128), "030180"),
        (Value::int(-129), "0302ff7f"),
        (Value::int(255), "030200ff"),
        (Value::int(1000), "030203e8"),
        (Value::int(i64::MAX), "03087fffffffffffffff"),
        (big(m, two63), "0309008000000000000000"),
        (Value::int(i64::MIN), "03088000000000000000"),
        (Value::float(1.5), "043ff8000000000000"),
        (Value::float(-0.0), "048000000000000000"),
        (string(m, ""), "0500"),
        (string(m, "alice"), "0505616c696365"),
        (string(m, "世"), "0503e4b896"),
        (Value::datetime(1_700_000_000_000_000), "0c00060a24181e4000"),
    ];
    let mut values = Vec::from(values);
    let raw = crate::object::BytesObj([0u8, 255].as_slice().into());
    values.push((Value::bytes(m.heap.alloc_bytes(raw).unwrap()), "060200ff"));
    let a = string(m, "a");
    values.push((m.list(vec![Value::int(1), a, Value::NULL]).unwrap(), "070303010105016100"));
    values.push((m.record(&[]).unwrap(), "0800"));
    let mut map = OrderedMap::default();
    map.insert(Key::from("a"), Value::int(1));
    map.insert(Key::Int(2), Value::TRUE);
    let map = m.heap.alloc_map(MapObj { map, ..MapObj::default() }).unwrap();
    values.push((Value::map(map), "080205016103010103010202"));
    let range = m.heap.alloc_range(RangeObj { start: 0, end: 10 }).unwrap();
    values.push((Value::range(range), "0b00010a"));
    let mut ty = TypeObj { name: "Point".into(), module: "shapes.zx".into(), ..TypeObj::default() };
    for name in ["x", "y"] {
        let field = FieldObj { ty: None, default: Value::UNDEF, require: Value::UNDEF, inject: false };
        ty.fields.insert(name.into(), field);
    }
    let ty = m.heap.alloc_type(ty).unwrap();
    m.declare_type(ty);
    let point = InstanceObj { ty, fields: [Value::int(1), Value::int(2)].into(), ..InstanceObj::default() };
    let point = Value::instance(m.heap.alloc_instance(point).unwrap());
    values.push((point, "09097368617065732e7a7805506f696e740201780301010179030102"));
    for (v, expected) in values {
        let bytes = encode(m, v).unwrap();
        assert_eq!(hex(&bytes), expected);
        let back = decode(m, &bytes).unwrap();
        assert_eq!(encode(m, back).unwrap(), bytes);
        assert_eq!(back.tag(), v.tag());
    }
}

#[test]
fn only_what_encoding_makes_is_read() {
    let mut m = machine();
    let cases = [
        "",
        "0e00",
        "ff",
        "0000",
        "030100",
        "0302007f",
        "0302ff80",
        "03",
        "0301",
        "038000",
        "0501",
        "0501ff",
        "0581006161",
        "04",
        "047ff8000000000000",
        "047ff8000000000001",
        "047ff0000000000000",
        "0701",
        "07ffffffffffffffffff01",
        "0801",
        "0801000000",
        "08020501610005016100",
        "080104000000000000000000",
        "0a00",
        "0b010100",
        "0b0900800000000000000000",
        "0c00",
        "0d03453430000100",
        "0905736861706501500",
        "09017801500000",
        "100000",
        "1100",
        "1200",
    ];
    for case in cases {
        let bytes = if case.len() % 2 == 0 { unhex(case) } else { unhex(&format!("{case}0")) };
        assert!(matches!(try_decode(&mut m, &bytes), Err(Unreadable::Malformed(_))), "{case}");
        assert!(matches!(decode(&mut m, &bytes), Err(Trap::Raised)), "{case}");
    }
}

#[test]
fn sixty_four_levels_pass_and_one_more_does_not() {
    let mut m = machine();
    let mut v = Value::NULL;
    for _ in 0..63 {
        v = m.list(vec![v]).unwrap();
    }
    let bytes = encode(&mut m, v).unwrap();
    assert!(decode(&mut m, &bytes).is_ok());
    let deeper = m.list(vec![v]).unwrap();
    assert_eq!(encode_into(&m, deeper, &mut Vec::new(), 1, RECORD_BYTES), Err(Refusal::Depth));
    let mut bytes = vec![kind::LIST, 1];
    bytes.extend(encode(&mut m, v).unwrap());
    assert_eq!(try_decode(&mut m, &bytes).unwrap_err(), Unreadable::Malformed("more than 64 levels"));
    let own = m.list(vec![]).unwrap();
    m.heap.list_mut(own.as_list().unwrap()).items.push(own);
    assert_eq!(encode_into(&m, own, &mut Vec::new(), 1, RECORD_BYTES), Err(Refusal::Depth));
}

#[test]
fn shared_parts_do_not_explode() {
    let mut m = machine();
    let mut v = Value::NULL;
    for _ in 0..50 {
        v = m.list(vec![v; 4]).unwrap();
    }
    assert_eq!(encode_into(&m, v, &mut Vec::new(), 1, RECORD_BYTES), Err(Refusal::Size(RECORD_BYTES)));
}

#[test]
fn what_is_not_plain_is_refused() {
    let mut m = machine();
    let nan = encode_into(&m, Value::float(f64::NAN), &mut Vec::new(), 1, 9);
    assert_eq!(nan, Err(Refusal::NotFinite));
    let list = m.list(vec![Value::builtin(0)]).unwrap();
    assert_eq!(encode_into(&m, list, &mut Vec::new(), 1, 99), Err(Refusal::Kind("Builtin".into())));
    assert!(cross(&mut m, Value::builtin(0)).is_err());
    let list = m.list(vec![Value::int(1)]).unwrap();
    let copy = cross(&mut m, list).unwrap();
    assert!(!copy.same(list));
    assert_eq!(m.heap.list(copy.as_list().unwrap()).items.len(), 1);
}

/// Bytes that often are an encoding, or nearly one.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        Just(vec![0]),
        Just(vec![1]),
        Just(vec![3, 0]),
        any::<u8>().prop_map(|b| vec![3, 1, b]),
        any::<[u8; 2]>().prop_map(|b| vec![3, 2, b[0], b[1]]),
        any::<[u8; 8]>().prop_map(|b| [&[4], &b[..]].concat()),
        "[a-c]{0,2}".prop_map(|s| [&[5, s.len() as u8], s.as_bytes()].concat()),
        any::<[u8; 8]>().prop_map(|b| [&[12], &b[..]].concat()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let items = prop::collection::vec(inner.clone(), 0..4);
        let entries = prop::collection::vec((inner.clone(), inner), 0..3);
        prop_oneof![
            items.prop_map(|i| [&[7, i.len() as u8][..], &i.concat()].concat()),
            entries.prop_map(|e| {
                let all: Vec<u8> = e.iter().flat_map(|(k, v)| [&k[..], v].concat()).collect();
                [&[8, e.len() as u8][..], &all].concat()
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn each_value_has_one_encoding(bytes in nearly()) {
        let mut m = machine();
        if let Ok(v) = try_decode(&mut m, &bytes) {
            prop_assert_eq!(encode(&mut m, v).unwrap(), bytes);
        }
    }
}
