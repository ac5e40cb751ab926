use super::*;

#[test]
fn the_address_of_an_instance_is_that_of_the_specification() {
    let maker = zexus_crypto::caller_address("alice");
    let address = instance_address(&maker, 0, &sha256(b"example code"));
    assert_eq!(address_text(&address), "0x71fd0683ffd26438ae6c77f1b92ddbf32d0e368b");
}

#[test]
fn a_record_names_code_and_contract() {
    let record = instance_record(&[7; 32], "Bank", &[9; 20]);
    assert_eq!(read_record(&record), Ok(([7; 32], "Bank")));
    assert!(read_record(&record[1..]).is_err());
}
