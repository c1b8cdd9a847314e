package triage_test

import (
	"context"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/routing"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// desk is triage in a house with a coordinator.
type desk struct {
	*house.House
	s           *triage.Service
	coordinator civic.Actor
}

// pontoon is the words by which the tests' own rule sends a text to Education.
const pontoon = "cầu phao thử nghiệm"

func newDesk(t *testing.T, h *house.House) *desk {
	t.Helper()
	rules, err := routing.CompileRules([]routing.Rule{
		{ID: "test-pontoon", Version: 3, Name: "Cầu phao cho học sinh", When: `any("` + pontoon + `")`, Agency: string(house.Education), Owner: "test"},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{House: h, coordinator: h.Staff(t, civic.RoleCoordinator, "")}
	d.s = &triage.Service{
		Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Policy: routing.DefaultPolicy(), Now: h.Clock.Now, Random: h.Random,
		Rules:      func(context.Context) (*routing.RuleSet, error) { return rules, nil },
		Classifier: func(context.Context) (*routing.Model, error) { return nil, nil }, //nolint:nilnil // most tests need none
	}
	return d
}

// on runs a test at a desk on SQLite and at one on PostgreSQL.
func on(t *testing.T, run func(t *testing.T, d *desk)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) { run(t, newDesk(t, h)) })
}

// job returns the undone job of a kind for a submission.
func (d *desk) job(t *testing.T, kind store.JobKind, id civic.SubmissionID) store.Job {
	t.Helper()
	for _, j := range d.Jobs(t, kind) {
		if j.Subject == int64(id) {
			return j
		}
	}
	t.Fatalf("there is no %s for submission %d", kind, id)
	return store.Job{}
}

// match does the matching that waits for a submission.
func (d *desk) match(t *testing.T, sub civic.Submission) {
	t.Helper()
	if err := d.s.Match(t.Context(), d.job(t, store.JobMatch, sub.ID).ID, sub.ID); err != nil {
		t.Fatalf("match %s: %v", sub.Code, err)
	}
}

// settle does all matching and routing that waits, the oldest first.
func (d *desk) settle(t *testing.T) {
	t.Helper()
	for {
		matches, routes := d.Jobs(t, store.JobMatch), d.Jobs(t, store.JobRoute)
		if len(matches)+len(routes) == 0 {
			return
		}
		for _, j := range matches {
			if err := d.s.Match(t.Context(), j.ID, civic.SubmissionID(j.Subject)); err != nil {
				t.Fatalf("match: %v", err)
			}
		}
		for _, j := range routes {
			if err := d.s.Route(t.Context(), j.ID, civic.SubmissionID(j.Subject)); err != nil {
				t.Fatalf("route: %v", err)
			}
		}
	}
}

// letter is a text long enough to be recognised; nothing in it is a name.
const letter = "Tôi đề nghị Nhà nước tăng mức hỗ trợ cho các nhóm nghiên cứu trẻ lên 500 triệu đồng, vì hiện nay nhiều nhóm " +
	"không đủ kinh phí để mua thiết bị và trả lương cho nghiên cứu viên ở thành phố Huế. Tôi cũng mong kết quả của các đề tài được " +
	"công khai trên mạng để người dân và doanh nghiệp có thể sử dụng. Xin cảm ơn."

// text gives a submission another body under one title.
func text(body string) func(*civic.Submission) {
	return func(sub *civic.Submission) { sub.Title, sub.Body = "Hỗ trợ nhóm nghiên cứu trẻ", body }
}

// assigned stores a case that waits for an agency to accept it.
func (d *desk) assigned(t *testing.T, agency civic.AgencyCode) civic.Submission {
	t.Helper()
	return d.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, agency })
}
