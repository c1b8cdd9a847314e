package routing_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hienke/internal/routing"
	"hienke/internal/vitext"
)

var noon = time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC)

// rule is a complete rule with a condition.
func rule(id, when, agency string) routing.Rule {
	return routing.Rule{ID: id, Version: 1, Name: "Quy tắc " + id, When: when, Agency: agency, Owner: "Vụ Pháp chế"}
}

func compiled(t testing.TB, rules ...routing.Rule) *routing.RuleSet {
	t.Helper()
	set, err := routing.CompileRules(rules)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

var patent = routing.Input{
	Kind: "recommendation", Topic: "intellectual-property", Area: "01", SubmitterType: "organisation", Organisation: "Công ty Sao Mai",
	Title: "Rút ngắn thời gian cấp bằng sáng chế", Body: "Đề nghị áp dụng trí tuệ nhân tạo để tra cứu nhanh hơn.",
}

func TestConditions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, when string
		want       bool
	}{
		{"a field is equal", `Topic == "intellectual-property"`, true},
		{"a field is not equal", `Topic == "energy"`, false},
		{"fields are joined", `Kind == "recommendation" and Area in ["01", "79"] and SubmitterType == "organisation"`, true},
		{"words in a row are found", `has("trí tuệ nhân tạo")`, true},
		{"without accents too", `has("TRI TUE nhan tao")`, true},
		{"words apart are not", `has("trí nhân tạo")`, false},
		{"parts of words are not", `has("sang ch")`, false},
		{"an empty phrase is not", `has("") or has("…")`, false},
		{"one of several", `any("tàu hoả", "bằng sáng chế")`, true},
		{"none of several", `any("tàu hoả", "máy bay")`, false},
		{"any of nothing is false", `any()`, false},
		{"all of several", `all("sáng chế", "tra cứu")`, true},
		{"not all of several", `all("sáng chế", "máy bay")`, false},
		{"all of nothing is false", `all()`, false},
		{"a single word", `"bang" in Words`, true},
		{"text as it is written", `Title contains "Rút ngắn" && Organisation startsWith "Công ty"`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			router := routing.Router{Rules: compiled(t, rule("r", tt.when, science))}
			for _, in := range []routing.Input{patent, folded(patent)} {
				if strings.Contains(tt.when, "Rút") && in.Title != patent.Title {
					continue
				}
				if got := router.Decide(in, noon, everyAgency).Assigned; got != tt.want {
					t.Errorf("%s is %v for %q", tt.when, got, in.Title)
				}
			}
		})
	}
}

func folded(in routing.Input) routing.Input {
	in.Title, in.Body = vitext.Fold(in.Title), vitext.Fold(in.Body)
	return in
}

func TestCompileRulesListsEveryBadRule(t *testing.T) {
	t.Parallel()
	late := rule("late", `true`, science)
	late.ValidFrom, late.ValidTo = noon, noon
	nameless := rule("", `true`, "")
	nameless.Owner, nameless.Version = " ", 0
	_, err := routing.CompileRules([]routing.Rule{
		rule("good", `has("a")`, science),
		rule("syntax", `has("a"`, science),
		rule("unknown", `Ministry == "x"`, science),
		rule("type", `Topic`, science),
		rule("loop", `map(1..1000000, # * 2)[0] == 2`, science),
		rule("builtin", `repeat("a", 1000000) == ""`, science),
		rule("long", strings.Repeat(`true or `, 1000)+`true`, science),
		rule("range", `99999999 in 1..100000000`, science),
		rule("concatenation", `let a = Body + Body; let b = a + a; b == ""`, science),
		rule("wide", strings.Repeat(`1*`, 1200)+`1 == 1`, science),
		rule("good", `true`, science),
		rule("empty", ` `, science),
		late, nameless,
	})
	if !errors.Is(err, routing.ErrRule) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		"rule syntax", "rule unknown", "rule type", "rule loop", "rule builtin", "rule long", "rule range", "rule concatenation", "rule wide",
		"rule good version 1: bad rule: another rule has the same id", "rule empty version 1: bad rule: condition is missing",
		"rule late version 1: bad rule: it ends before it begins",
		"id is missing", "agency is missing", "owner is missing", "version must be at least 1",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
}

func TestTheFirstRuleThatHoldsWins(t *testing.T) {
	t.Parallel()
	old, future := rule("old", `true`, health), rule("future", `true`, health)
	old.ValidTo, future.ValidFrom = noon, noon.Add(time.Second)
	current := rule("current", `has("sáng chế")`, science)
	current.Version, current.ValidFrom, current.ValidTo = 4, noon, noon.Add(time.Second)
	router := routing.Router{Rules: compiled(t, old, future, rule("other", `has("máy bay")`, health), current, rule("rest", `true`, education))}
	d := router.Decide(patent, noon, everyAgency)
	if d.Agency != science || d.By != routing.ByRule || d.RuleID != "current" || d.RuleVersion != 4 || d.Score != 1 || len(d.RuleErrors) != 0 {
		t.Errorf("got %+v", d)
	}
}

func TestRulesThatFailAreReported(t *testing.T) {
	t.Parallel()
	router := routing.Router{Rules: compiled(t,
		rule("fails", `Words[100000] == "x"`, health),
		rule("bad-pattern", `Title matches (Title == Body ? Body : "(")`, health),
		rule("ended", `true`, transport),
		rule("good", `true`, science))}
	d := router.Decide(patent, noon, func(a string) bool { return a != transport })
	if d.Agency != science || d.RuleID != "good" {
		t.Errorf("got %+v", d)
	}
	var ids []string
	for _, e := range d.RuleErrors {
		ids = append(ids, e.RuleID)
		if e.Error() == "" || e.Unwrap() == nil {
			t.Errorf("empty error %+v", e)
		}
	}
	if got := strings.Join(ids, " "); got != "fails bad-pattern ended" {
		t.Errorf("reported %q", got)
	}
}

func TestConditionsReadEndlessTexts(t *testing.T) {
	t.Parallel()
	router := routing.Router{Rules: compiled(t, rule("r", `has("a b") or any("c d", "e f") or Body matches "(x+x+)+y"`, science))}
	for name, text := range endless() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := router.Decide(routing.Input{Title: text, Body: text}, noon, everyAgency); d.Assigned || len(d.RuleErrors) != 0 {
				t.Errorf("got %+v", d)
			}
		})
	}
}

func BenchmarkRules(b *testing.B) {
	var rules []routing.Rule
	for _, id := range strings.Fields("a b c d e f g h i j k l m n o p q r s t") {
		rules = append(rules, rule(id, `Topic == "x" or any("không có", "cũng không", "chắc chắn không") and has("gì cả")`, science))
	}
	router := routing.Router{Rules: compiled(b, rules...)}
	in := patent
	in.Body = strings.Repeat(in.Body, 30)
	for b.Loop() {
		router.Decide(in, noon, everyAgency)
	}
}
