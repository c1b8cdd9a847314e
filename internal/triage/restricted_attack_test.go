package triage_test

import (
	"testing"
	"time"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/dialogue"
	"hienke/internal/errs"
	"hienke/internal/intake"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// letters is the door that senders use.
func (d *desk) letters() *intake.Service {
	return &intake.Service{
		Store: d.Store, Registry: d.Registry, Times: d.Times, Keys: d.Keys, Limits: d.Limits, Now: d.Clock.Now, Random: d.Random,
	}
}

// accused checks that a case is where an accusing one must be: before a
// coordinator, with no agency, and its sender shown to nobody.
func (d *desk) accused(t *testing.T, code civic.Code) {
	t.Helper()
	c, err := d.s.Case(t.Context(), d.coordinator, code)
	if err != nil {
		t.Fatal(err)
	}
	if sub := c.Submission; sub.State != civic.Triage || sub.Agency != "" || !sub.Restricted || sub.Visibility != civic.Private {
		t.Errorf("it is %s with %q for %q, restricted: %v, %s", sub.State, sub.Agency, sub.TriageReason, sub.Restricted, sub.Visibility)
	}
	_, err = d.s.Look(t.Context(), d.coordinator, code, "Gọi lại cho người gửi")
	if c.ContactClosed != "contact.restricted" || !c.HasContact || errs.CodeOf(err) != "contact.restricted" {
		t.Errorf("the contact is closed for %q, and a look gives %v", c.ContactClosed, err)
	}
}

// Every way that a case can go by itself ends before a coordinator when its text
// accuses somebody, although a rule knows the agency.
func TestWhatAccusesComesBeforeACoordinatorOnEveryWay(t *testing.T) {
	t.Parallel()
	ways := []struct {
		name string
		// goes sends or moves a case with an accusing text, and returns which.
		goes func(t *testing.T, d *desk) civic.Code
	}{
		{"imported", func(t *testing.T, d *desk) civic.Code {
			return d.Receive(t, func(sub *civic.Submission) { sub.Channel, sub.Body = civic.ChannelImport, accusing }).Code
		}},
		{"held for a check", func(t *testing.T, d *desk) civic.Code {
			return d.Receive(t, func(sub *civic.Submission) { sub.Hold, sub.Body = "limit", accusing }).Code
		}},
		{"merged by hand before it was read, and taken apart", func(t *testing.T, d *desk) civic.Code {
			root := d.assigned(t, house.Education)
			sub := d.Receive(t, func(sub *civic.Submission) { sub.Body = accusing })
			if err := d.merge(t, sub, root, ""); err != nil {
				t.Fatal(err)
			}
			d.settle(t)
			if err := d.s.Unmerge(t.Context(), d.coordinator, sub.Code, d.Case(t, sub.Code).Version, ""); err != nil {
				t.Fatal(err)
			}
			return sub.Code
		}},
		{"following, when its sender objects", func(t *testing.T, d *desk) civic.Code {
			sub := d.underPlainRoot(t)
			if err := d.letters().Object(t.Context(), civic.SenderOf(sub.ID), sub.Code, "Tôi hỏi việc khác"); err != nil {
				t.Fatal(err)
			}
			return sub.Code
		}},
		{"following, when the cluster is split", func(t *testing.T, d *desk) civic.Code {
			sub := d.underPlainRoot(t)
			root := d.byID(t, sub.Root)
			if err := d.s.SplitCluster(t.Context(), d.coordinator, root.Code, root.Version, []string{sub.Code.String()}, ""); err != nil {
				t.Fatal(err)
			}
			return sub.Code
		}},
		{"following, when the root is refused", func(t *testing.T, d *desk) civic.Code {
			sub := d.underPlainRoot(t)
			root := d.byID(t, sub.Root)
			refusal := civic.Rejection{Reason: "unclear", Message: "Nội dung chưa rõ."}
			if err := d.s.Reject(t.Context(), d.coordinator, root.Code, root.Version, refusal); err != nil {
				t.Fatal(err)
			}
			return sub.Code
		}},
		{"following, when the root is taken back", func(t *testing.T, d *desk) civic.Code {
			sub := d.underPlainRoot(t)
			root := d.byID(t, sub.Root)
			if err := d.letters().Withdraw(t.Context(), civic.SenderOf(root.ID), root.Code); err != nil {
				t.Fatal(err)
			}
			return sub.Code
		}},
		{"one part of a letter", func(t *testing.T, d *desk) civic.Code {
			whole := d.Receive(t, func(sub *civic.Submission) { sub.State = civic.Triage })
			two := parts(2)
			two[0].Body = accusing
			if err := d.s.Split(t.Context(), d.coordinator, whole.Code, whole.Version, two, "Hai việc"); err != nil {
				t.Fatal(err)
			}
			c, err := d.s.Case(t.Context(), d.coordinator, whole.Code)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range c.Related {
				if r.Case.Body == accusing {
					return r.Case.Code
				}
			}
			t.Fatal("the part is not there")
			return ""
		}},
		{"handed back with a better address", func(t *testing.T, d *desk) civic.Code {
			sub := d.Receive(t, func(sub *civic.Submission) {
				sub.State, sub.Agency, sub.Body, sub.Restricted = civic.InProgress, house.Education, accusing, true
			})
			err := d.s.HandBack(t.Context(), d.Staff(t, civic.RoleOfficer, house.Education), sub.Code, sub.Version, "Không thuộc thẩm quyền", house.Science)
			if err != nil {
				t.Fatal(err)
			}
			return sub.Code
		}},
		{"answered and opened again", func(t *testing.T, d *desk) civic.Code {
			sub := d.Receive(t, func(sub *civic.Submission) {
				sub.State, sub.Agency, sub.Body, sub.Restricted, sub.AnsweredAt = civic.Answered, house.Education, accusing, true, d.Clock.Now()
			})
			talk := &dialogue.Service{Store: d.Store, Registry: d.Registry, Times: d.Times, Now: d.Clock.Now}
			if err := talk.Reopen(t.Context(), civic.SenderOf(sub.ID), sub.Code, "Chưa trả lời đúng việc"); err != nil {
				t.Fatal(err)
			}
			return sub.Code
		}},
		{"taken for in scope, one and all", func(t *testing.T, d *desk) civic.Code {
			sub := d.came(t, "Phản ánh việc làm cầu", accusing)
			for range 2 {
				if err := d.decideScope(t, sub, triage.ScopeChoice{Scope: civic.InScope}); err != nil {
					t.Fatal(err)
				}
			}
			return sub.Code
		}},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			d := judging(t)
			code := way.goes(t, d)
			d.settle(t)
			d.accused(t, code)
		})
	}
}

// underPlainRoot is an accusing case that a person let follow one which accuses
// nobody and is with an agency.
func (d *desk) underPlainRoot(t *testing.T) civic.Submission {
	t.Helper()
	root := d.assigned(t, house.Education)
	d.Clock.Advance(time.Minute)
	sub := d.came(t, "Phản ánh việc làm cầu", accusing)
	if err := d.merge(t, sub, root, ""); err != nil {
		t.Fatal(err)
	}
	if got := d.Case(t, sub.Code); got.State != civic.Merged || !got.Restricted {
		t.Fatalf("it is %s, restricted: %v", got.State, got.Restricted)
	}
	return d.Case(t, sub.Code)
}

func (d *desk) byID(t *testing.T, id civic.SubmissionID) (sub civic.Submission) {
	t.Helper()
	d.View(t, func(tx store.Tx) (err error) {
		sub, err = tx.Submissions().Get(t.Context(), id)
		return err
	})
	return sub
}

// Where the root was restricted too, a person gave the matter to the agency
// knowing what it says; its work goes on.
func TestTheHeirOfARestrictedRootKeepsItsAgency(t *testing.T) {
	t.Parallel()
	d := judging(t)
	root := d.Receive(t, func(sub *civic.Submission) { sub.Body = accusing })
	d.Clock.Advance(time.Minute)
	heir := d.Receive(t, func(sub *civic.Submission) { sub.Body = accusing })
	d.settle(t)
	if err := d.s.Assign(t.Context(), d.coordinator, root.Code, d.Case(t, root.Code).Version, house.Education, ""); err != nil {
		t.Fatal(err)
	}
	if err := d.letters().Withdraw(t.Context(), civic.SenderOf(root.ID), root.Code); err != nil {
		t.Fatal(err)
	}
	if got := d.Case(t, heir.Code); got.State != civic.Assigned || got.Agency != house.Education || !got.Restricted {
		t.Errorf("the heir is %s with %q, restricted: %v", got.State, got.Agency, got.Restricted)
	}
}

// The machine may be hours behind; a coordinator who looks earlier must not
// read who accuses.
func TestTheContactIsHiddenBeforeTheMachineHasRead(t *testing.T) {
	t.Parallel()
	d := judging(t)
	accuses, plain := d.Receive(t, text(accusing)), d.Receive(t, text(letter))
	for code, hidden := range map[civic.Code]bool{accuses.Code: true, plain.Code: false} {
		c, err := d.s.Case(t.Context(), d.coordinator, code)
		if err != nil || (c.ContactClosed == "contact.restricted") != hidden || !c.HasContact {
			t.Errorf("closed for %q, want hidden: %v (%v)", c.ContactClosed, hidden, err)
		}
		if _, err := d.s.Look(t.Context(), d.coordinator, code, "Gọi lại cho người gửi"); (errs.CodeOf(err) == "contact.restricted") != hidden {
			t.Errorf("a look gives %v, want hidden: %v", err, hidden)
		}
	}
}

// To lift the restriction is to show who wrote. It does not send the text to
// those whom it accuses: a person does that, by an act of its own.
func TestWhatAccusesIsNotAssignedByTheMachineAfterTheRestrictionWasLifted(t *testing.T) {
	t.Parallel()
	d := judging(t)
	sub := d.came(t, "Phản ánh việc làm cầu", accusing)
	if err := d.s.Unrestrict(t.Context(), d.coordinator, sub.Code, sub.Version, "Cần gọi lại cho người gửi"); err != nil {
		t.Fatal(err)
	}
	if err := d.decideScope(t, sub, triage.ScopeChoice{Scope: civic.InScope}); err != nil {
		t.Fatal(err)
	}
	got := d.Case(t, sub.Code)
	if got.State != civic.Triage || got.Agency != "" || got.Restricted || got.TriageReason == "" {
		t.Errorf("it is %s with %q for %q, restricted: %v", got.State, got.Agency, got.TriageReason, got.Restricted)
	}
	if r := d.route(t, sub); r.Agency != house.Education {
		t.Errorf("the advice is %+v", r)
	}
	if err := d.s.Assign(t.Context(), d.coordinator, sub.Code, got.Version, house.Education, ""); err != nil {
		t.Errorf("by hand: %v", err)
	}
}

// What a person lifted stays lifted, also of a case that was never judged by
// itself because it followed another.
func TestAFollowerThatWasLiftedStaysLifted(t *testing.T) {
	t.Parallel()
	d := judging(t)
	root := d.Receive(t, text(accusing+" "+letter))
	d.Clock.Advance(time.Minute)
	sub := d.Receive(t, text(accusing+" "+letter))
	d.settle(t)
	if got := d.Case(t, sub.Code); got.Root != root.ID || !got.Restricted {
		t.Fatalf("it follows %d, restricted: %v", got.Root, got.Restricted)
	}
	if err := d.s.Unrestrict(t.Context(), d.coordinator, sub.Code, d.Case(t, sub.Code).Version, "Người gửi đồng ý"); err != nil {
		t.Fatal(err)
	}
	if err := d.s.Unmerge(t.Context(), d.coordinator, sub.Code, d.Case(t, sub.Code).Version, ""); err != nil {
		t.Fatal(err)
	}
	d.settle(t)
	if got := d.Case(t, sub.Code); got.Restricted || got.State != civic.Triage || got.TriageReason != cluster.ReasonUnmerged {
		t.Errorf("it is %s for %q, restricted: %v", got.State, got.TriageReason, got.Restricted)
	}
}

// A person let one accusing letter follow a plain case that is with an agency.
// That says nothing about the next copy of it.
func TestACopyOfAnAccusingFollowerDoesNotGoToTheAgencyOfItsRoot(t *testing.T) {
	t.Parallel()
	d := judging(t)
	d.underPlainRoot(t)
	later := d.came(t, "Phản ánh việc làm cầu", accusing)
	d.accused(t, later.Code)
}

// A lead's answer is approved for the public. What follows it and accuses
// somebody is not shown with it, and neither is a lead that does.
func TestTheApprovalOfALeadPublishesNoAccusation(t *testing.T) {
	t.Parallel()
	d := judging(t)
	sub := d.underPlainRoot(t)
	s := &answers.Service{Store: d.Store, Registry: d.Registry, Now: d.Clock.Now}
	officer, approver := d.Staff(t, civic.RoleOfficer, house.Education), d.Staff(t, civic.RoleApprover, house.Education)
	answer := func(code civic.Code) {
		t.Helper()
		if err := d.s.Accept(t.Context(), officer, code, d.Case(t, code).Version, 0); err != nil {
			t.Fatal(err)
		}
		draft := answers.Draft{Text: "Cơ quan đã kiểm tra và trả lời như sau.", Outcome: civic.OutcomeExplained, Submit: true}
		if err := s.Draft(t.Context(), officer, code, d.Case(t, code).Version, draft); err != nil {
			t.Fatal(err)
		}
		if err := s.Approve(t.Context(), approver, code, d.Case(t, code).Version, true); err != nil {
			t.Fatal(err)
		}
	}
	root := d.byID(t, sub.Root)
	answer(root.Code)
	if got := d.Case(t, root.Code); got.Visibility != civic.PublicWithAnswer {
		t.Errorf("the lead is %s", got.Visibility)
	}
	if got := d.Case(t, sub.Code); got.Visibility != civic.Private || got.PublicBody != "" {
		t.Errorf("the follower is %s: %q", got.Visibility, got.PublicBody)
	}
	root = d.Receive(t, func(sub *civic.Submission) {
		sub.State, sub.Agency, sub.Title, sub.Body = civic.Assigned, house.Education, "Hỗ trợ nhóm nghiên cứu trẻ", letter
	})
	other := d.came(t, "Tố cáo", "Tôi tố cáo bà Trần Thị Mẫu, giám đốc sở ở tỉnh Mẫu, ăn chặn tiền của dân khi đền bù đất làm hồ chứa.")
	if err := d.merge(t, other, root, ""); err != nil {
		t.Fatal(err)
	}
	other = d.Case(t, other.Code)
	if !other.Restricted {
		t.Fatal("it is not restricted")
	}
	if err := d.s.Lead(t.Context(), d.coordinator, other.Code, other.Version, ""); err != nil {
		t.Fatal(err)
	}
	answer(other.Code)
	if got := d.Case(t, other.Code); got.State != civic.Answered || got.Visibility != civic.Private || got.PublicBody != "" {
		t.Errorf("the accusing lead is %s, %s: %q", got.State, got.Visibility, got.PublicBody)
	}
}
