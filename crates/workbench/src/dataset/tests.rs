//! Tables written and read again in every format, and tables that are none.

use super::*;

fn table() -> Dataset {
    Dataset::new("QS", "Questionnaires")
        .with_texts("USUBJID", "Unique Subject Identifier", ["01-001", "01-001", "01,\"2\""])
        .with_numbers("QSSTRESN", "Result", vec![1.79, f64::NAN, -7.25e-3])
        .with_texts("QSORRES", "", ["1.79", "", "é\nend"])
        .with_numbers("QSSEQ", "Number", vec![1.0, 2.0, 3.0])
}

fn values(table: &Dataset) -> Vec<Vec<String>> {
    let row = |row: usize| table.columns.iter().map(|c| c.text(row).into_owned()).collect();
    (0..table.n_rows()).map(row).collect()
}

#[test]
fn what_is_written_comes_back_in_every_format() {
    let table = table();
    for (ending, format) in Format::ENDINGS {
        let bytes = write(&table, format).expect(ending);
        let again = read_bytes(bytes, &format!("somewhere/QS.{ending}")).expect(ending);
        assert_eq!(again.len(), 1, "{ending}");
        assert_eq!(values(&again[0]), values(&table), "{ending}");
        assert_eq!(again[0].name, "QS", "{ending}");
        let names = |t: &Dataset| t.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&again[0]), names(&table), "{ending}");
    }
}

#[test]
fn metadata_of_self_describing_formats_comes_back() {
    for format in [Format::Json, Format::Ndjson, Format::Dsjc, Format::Xpt] {
        let again = &read_bytes(write(&table(), format).expect("writable"), "x").expect("readable")[0];
        assert_eq!(again.label, "Questionnaires", "{format:?}");
        assert_eq!(again.columns[1].label, "Result", "{format:?}");
        assert!(matches!(again.columns[1].values, Values::Numbers(_)), "{format:?}");
    }
}

#[test]
fn gzip_is_undone() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(b"A,B\n1,2\n").expect("memory");
    let bytes = encoder.finish().expect("memory");
    let table = &read_bytes(bytes.clone(), "x.csv.gz").expect("readable")[0];
    assert_eq!(
        (table.name.as_str(), values(table)),
        ("x", vec![vec!["1".to_owned(), "2".into()]])
    );
    let cut = read_bytes(bytes[..bytes.len() - 9].to_vec(), "x.csv.gz").expect_err("cut");
    assert!(cut.to_string().contains("damaged"), "{cut}");
}

#[test]
fn lines_of_csv_survive_quoted_line_ends() {
    let table = &read_bytes(b"A;B\r\n\"x\ny\";1\r\n\r\nz;2\r\n".to_vec(), "x.csv").expect("readable")[0];
    assert_eq!(table.lines, [2, 5]);
    assert_eq!(values(table), [["x\ny", "1"], ["z", "2"]]);
    assert_eq!((table.place(1), table.name.as_str()), ("x.csv:5".to_owned(), "x"));
}

#[test]
fn a_transport_file_ends_where_its_rows_end() {
    // Rows of 8 bytes: 10 fill a record, so that nothing is left over; 1 leaves 72 blanks that are no rows.
    for n in [0, 1, 9, 10, 11, 20] {
        let letters: Vec<String> = (0..n).map(|k| format!("{k:<8}")).collect();
        let table = Dataset::new("T", "").with_texts("A", "", letters.iter().map(|l| l.trim_end()));
        let again = &read_bytes(write(&table, Format::Xpt).expect("writable"), "t.xpt").expect("readable")[0];
        assert_eq!(again.n_rows(), n);
    }
}

#[test]
fn what_is_no_table_is_refused_with_its_place_and_a_remedy() {
    let json = |rest: &str| format!("{{\"datasetJSONVersion\":\"1.1\",\"name\":\"QS\",{rest}}}");
    let columns =
        r#""columns":[{"name":"A","label":"","dataType":"string"},{"name":"B","label":"","dataType":"integer"}]"#;
    let cases: [(Vec<u8>, &str); 12] = [
        (b"".to_vec(), "is empty"),
        (b"A,B\n1\n".to_vec(), "1 cells under 2 names\n  --> x:2"),
        (b"A,A\n1,2\n".to_vec(), "two columns are called `A`"),
        (b"A\n\"1\n".to_vec(), "a quote is not closed\n  --> x:2"),
        (vec![b'A', b'\n', 0xff], "is not UTF-8 text from byte 2 on"),
        (
            json("\"columns\":[]").replace("1.1", "2.0").into_bytes(),
            "is Dataset-JSON 2.0",
        ),
        (b"{\"clinicalData\":{}}".to_vec(), "is Dataset-JSON 1.0"),
        (
            json(&format!("{columns},\"rows\":[[\"a\",1],[\"a\"]]")).into_bytes(),
            "row 2 has 1 values for 2 columns",
        ),
        (
            json(&format!("{columns},\"rows\":[[\"a\",\"b\"]]")).into_bytes(),
            "row 1, column B: a text in a column of numbers",
        ),
        (
            json(&format!("{columns},\"records\":2,\"rows\":[[\"a\",1]]")).into_bytes(),
            "says it has 2 records, but has 1 rows",
        ),
        (format!("{}\n[\"a\",x]\n", json(columns)).into_bytes(), "--> x:2:6"),
        (
            [&b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"[..], &[b'0'; 300]].concat(),
            "damaged SAS transport file",
        ),
    ];
    for (bytes, wanted) in cases {
        let said = read_bytes(bytes, "x").expect_err(wanted).to_string();
        assert!(
            said.contains(wanted) && said.contains("help: ") && said.starts_with("error[V001]"),
            "{said}"
        );
    }
}

#[test]
fn a_transport_file_refuses_what_it_cannot_hold() {
    let long = "x".repeat(201);
    for (table, wanted) in [
        (
            Dataset::new("T", "").with_texts("ENDPOINTS", "", ["a"]),
            "at most 8 letters",
        ),
        (
            Dataset::new("T", "").with_texts("A", "", [long.as_str()]),
            "more than 200 bytes",
        ),
        (Dataset::new("T", "").with_numbers("A", "", vec![1e300]), "too large"),
    ] {
        let said = write(&table, Format::Xpt).expect_err(wanted).to_string();
        assert!(said.contains(wanted), "{said}");
    }
}
