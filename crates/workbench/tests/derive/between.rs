//! What looks back at an earlier visit: scores, items half better, SELENA flares.

use super::*;

/// A quiet visit: no descriptor but arthritis, no grade, PGA 1, 10 mg.
fn quiet(patient: &str, visit: &str) -> String {
    let doses =
        format!("{patient},PREDEQ,10,{visit},mg\n{patient},PGA0101,1.00,{visit},\n{patient},WEIGHT,60,{visit},kg\n");
    sledai(patient, visit, &[9]) + &grades(patient, visit, "EEEEEEEEE") + &doses
}

#[test]
fn lumos_is_read_in_the_units_that_it_is_measured_in() {
    let serology = |patient: &str, visit: &str, c3: &str, c4: &str| {
        format!("{patient},C3,{c3},{visit},mg/dL\n{patient},C4,{c4},{visit},mg/dL\n{patient},DSDNA,100,{visit},IU/mL\n")
    };
    let mut rs = RS.to_owned();
    for patient in ["a", "b"] {
        rs += &(quiet(patient, "Baseline") + &quiet(patient, "Week 52"));
    }
    rs += &(serology("a", "Baseline", "80", "10") + &serology("a", "Week 52", "100", "15"));
    rs += &serology("b", "Baseline", "80", "10");
    rs += "b,C3,100,Week 52,mg/dL\nb,C4,2,Week 52,µmol/L\nb,DSDNA,100,Week 52,IU/mL\n";
    let derived = run(&[table("rs.csv", &rs)], &["lumos"], &recorded()).expect("derived");
    assert_eq!(answers(&derived), ["a lumos 52 = scored", "b lumos 52 ? not-assessed"]);
    // -0.43 - 0.0002 * 200 + 0.105 * 5; nothing else changes.
    assert!(
        (derived.rows[0].value - 0.055).abs() < 1e-12,
        "{}",
        derived.rows[0].value
    );
    assert_eq!(
        (derived.gaps[0].component.as_str(), derived.gaps[0].patients),
        ("c4_change", 1)
    );
    let written = as_table(&derived, Format::Csv);
    let value = written.column("VALUE").expect("a column for values");
    assert_eq!(
        (value.text(0).parse().ok(), value.text(1).as_ref()),
        (Some(derived.rows[0].value), "")
    );
}

#[test]
fn sri_50_needs_a_word_on_every_item_that_stays() {
    let at_baseline = |patient: &str| {
        sledai(patient, "Baseline", &[1, 9])
            + &grades(patient, "Baseline", "EEEEEEEEE")
            + &format!("{patient},PGA,1,Baseline,\n")
    };
    let now = |patient: &str| {
        sledai(patient, "Week 52", &[1, 9])
            + &grades(patient, "Week 52", "EEEEEEEEE")
            + &format!("{patient},PGA,1,Week 52,\n")
    };
    let mut rs = RS.to_owned();
    for patient in ["a", "b", "c"] {
        rs += &(at_baseline(patient) + &now(patient));
    }
    rs += "a,RI500101,Y,Week 52,\na,RI500109,N,Week 52,\n"; // seizure: 12 to 8
    rs += "b,RI500101,N,Week 52,\nb,RI500109,Y,Week 52,\n"; // arthritis: 12 to 10
    rs += "c,RI500109,Y,Week 52,\n"; // nobody judged the seizure
    let derived = run(&[table("rs.csv", &rs)], &["sri-50"], &recorded()).expect("derived");
    assert_eq!(
        answers(&derived),
        [
            "a sri-50 52 Y responder",
            "b sri-50 52 N sledai-responder-50-not-improved",
            "c sri-50 52 ? not-assessed",
        ]
    );
    assert_eq!(derived.gaps[0].component, "sledai_responder_50_change");
}

#[test]
fn selena_flares_say_what_they_were_told_without() {
    let rates = ["sfi-flare-rate", "sfi-severe-flare-rate"];
    let visits = |patient: &str| quiet(patient, "Baseline") + &quiet(patient, "Week 4");
    let hospital = visits("b") + "b,SFIHOSP,Y,Week 4,\n";
    let told = run(&[table("rs.csv", &(RS.to_owned() + &visits("a")))], &rates, &recorded()).expect("derived");
    assert_eq!(
        answers(&told),
        [
            "a sfi-flare-rate 4 N responder",
            "a sfi-severe-flare-rate 4 N responder"
        ]
    );
    assert!(
        told.notes
            .iter()
            .any(|n| n.contains("no table tells of hospital (SFIHOSP) or an added NSAID")),
        "{:?}",
        told.notes
    );
    let rs = RS.to_owned() + &visits("a") + &hospital;
    let told = run(&[table("rs.csv", &rs)], &rates, &recorded()).expect("derived");
    assert_eq!(
        answers(&told),
        [
            "a sfi-flare-rate 4 ? not-assessed",
            "a sfi-severe-flare-rate 4 ? not-assessed",
            "b sfi-flare-rate 4 Y responder",
            "b sfi-severe-flare-rate 4 Y responder",
        ],
        "where hospital is told for some, it is missing for the others"
    );
    let steroids = "USUBJID,CMCAT,CMTRT,CMDOSE,CMDOSU,CMDOSFRQ,CMSTDY,CMENDY\n\
                    a,BACKGROUND,PREDNISONE,10,mg,QD,1,28\na,BACKGROUND,PREDNISONE,40,mg,QD,29,60\n";
    let rs = RS.to_owned() + &visits("a");
    let told = run(&[table("rs.csv", &rs), table("cm.csv", steroids)], &rates, &recorded()).expect("derived");
    let severe = "a sfi-severe-flare-rate 4 Y responder";
    assert!(
        answers(&told).contains(&severe.to_owned()),
        "40 mg from the visit on is above 0.5 mg/kg"
    );
}
