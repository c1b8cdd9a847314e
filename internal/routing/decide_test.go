package routing_test

import (
	"slices"
	"testing"

	"hienke/internal/routing"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	learned, described := train(t, seeds(), history()), train(t, seeds())
	hospital := routing.Input{Title: "Khám bệnh từ xa", Body: "Đề nghị bác sĩ trạm y tế xã được khám bệnh từ xa và tiêm vắc xin cho trẻ."}
	vague := routing.Input{Title: "Xin chào", Body: "Tôi có việc muốn hỏi cơ quan."}
	tests := []struct {
		name    string
		router  routing.Router
		in      routing.Input
		ended   string
		by      routing.By
		agency  string
		first   string // of the candidates
		unknown bool   // no candidates
	}{
		{name: "a rule comes before the model", router: routing.Router{Rules: compiled(t, rule("r", `has("khám bệnh")`, science)), Model: learned, Policy: routing.DefaultPolicy()},
			in: hospital, by: routing.ByRule, agency: science, first: science},
		{name: "a sure model assigns", router: routing.Router{Model: learned, Policy: routing.DefaultPolicy()}, in: hospital, by: routing.ByModel, agency: health, first: health},
		{name: "an unsure model does not", router: routing.Router{Model: learned, Policy: routing.DefaultPolicy()}, in: vague, by: routing.ByNone, first: "?"},
		{name: "descriptions alone do not", router: routing.Router{Model: described, Policy: routing.DefaultPolicy()}, in: hospital, by: routing.ByNone, first: health},
		{name: "descriptions alone do not, whatever the threshold", router: routing.Router{Model: described, Policy: routing.Policy{MinConfirmed: 1}}, in: hospital, by: routing.ByNone, first: health},
		{name: "a small lead does not", router: routing.Router{Model: learned, Policy: routing.Policy{MinLead: 1.1}}, in: hospital, by: routing.ByNone, first: health},
		{name: "an agency that ended is never named", router: routing.Router{Model: learned, Policy: routing.DefaultPolicy()}, in: hospital, ended: health, by: routing.ByNone, first: "?"},
		{name: "nothing to decide by", router: routing.Router{}, in: hospital, by: routing.ByNone, unknown: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := tt.router.Decide(tt.in, noon, func(a string) bool { return a != tt.ended })
			if d.By != tt.by || d.Agency != tt.agency || d.Assigned != (tt.agency != "") {
				t.Errorf("got %+v", d)
			}
			if tt.unknown {
				if len(d.Candidates) != 0 {
					t.Errorf("candidates %+v", d.Candidates)
				}
				return
			}
			if len(d.Candidates) != 3 || tt.first != "?" && d.Candidates[0].Label != tt.first {
				t.Errorf("candidates %+v", d.Candidates)
			}
			if slices.ContainsFunc(d.Candidates, func(s routing.Scored) bool { return s.Label == tt.ended }) || d.RunnerUp == tt.ended && tt.ended != "" {
				t.Errorf("names the agency that ended: %+v", d)
			}
			if d.ModelVersion != tt.router.Model.Version() || d.Score != d.Candidates[0].Probability || d.RunnerUp != d.Candidates[1].Label || d.RunnerUpScore != d.Candidates[1].Probability {
				t.Errorf("the reason is not whole: %+v", d)
			}
		})
	}
}

func TestNobodyReceivesWhenNobodyIsAllowed(t *testing.T) {
	t.Parallel()
	router := routing.Router{Rules: compiled(t, rule("r", `true`, science)), Model: train(t, history())}
	d := router.Decide(patent, noon, func(string) bool { return false })
	if d.Assigned || len(d.Candidates) != 0 || d.By != routing.ByNone || len(d.RuleErrors) != 1 {
		t.Errorf("got %+v", d)
	}
}

func TestARuleForAnAgencyTheModelDoesNotKnow(t *testing.T) {
	t.Parallel()
	router := routing.Router{Rules: compiled(t, rule("r", `true`, "new")), Model: train(t, seeds())}
	d := router.Decide(patent, noon, everyAgency)
	if d.Agency != "new" || d.Candidates[0].Label != "new" || len(d.Candidates) != 3 || d.RunnerUp != d.Candidates[1].Label {
		t.Errorf("got %+v", d)
	}
}

func TestTheRunnerUpHasWordsOfItsOwn(t *testing.T) {
	t.Parallel()
	router := routing.Router{Model: train(t, seeds(), history()), Policy: routing.DefaultPolicy()}
	in := routing.Input{Title: "Bằng sáng chế", Body: "Tôi có bằng sáng chế thuốc cho bệnh viện, xin hỏi phí sáng chế."}
	d := router.Decide(in, noon, everyAgency)
	if d.Candidates[0].Label != science || d.RunnerUp != health {
		t.Fatalf("got %+v", d)
	}
	if !slices.Contains(d.Words, "sáng chế") || !slices.Contains(d.RunnerUpWords, "bệnh viện") {
		t.Errorf("for %q, for the runner-up %q", d.Words, d.RunnerUpWords)
	}
	if slices.Contains(d.RunnerUpWords, "sáng chế") || slices.Contains(d.Words, "bệnh viện") {
		t.Errorf("a word speaks for both: %q and %q", d.Words, d.RunnerUpWords)
	}
	router.Rules = compiled(t, rule("r", `has("sáng chế")`, science))
	if d := router.Decide(in, noon, everyAgency); d.RunnerUp != health || !slices.Contains(d.RunnerUpWords, "bệnh viện") {
		t.Errorf("beside a rule: runner-up %s with %q", d.RunnerUp, d.RunnerUpWords)
	}
	router.Rules = compiled(t, rule("r", `has("bằng")`, health))
	if d := router.Decide(in, noon, everyAgency); d.RunnerUp != science || !slices.Contains(d.RunnerUpWords, "sáng chế") {
		t.Errorf("against the model's best: runner-up %s with %q", d.RunnerUp, d.RunnerUpWords)
	}
}
