package answers_test

import (
	"testing"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

func TestWhoWroteIsMaskedUnlessTheyAgreed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	o.s.Keys = o.Keys
	person := civic.Contact{Name: "Nguyễn Thị  đào", Organisation: "Hợp tác xã Muối"}
	for _, tt := range []struct {
		name    string
		contact civic.Contact
		edit    func(sub *civic.Submission)
		want    answers.Sender
	}{
		{"a person", person, func(*civic.Submission) {}, answers.Sender{Type: civic.Person, Name: "N. T. Đ.", Masked: true}},
		{"a person who agreed", person, func(sub *civic.Submission) { sub.PublishName = true }, answers.Sender{Type: civic.Person, Name: "Nguyễn Thị  đào"}},
		{"an organisation", person, func(sub *civic.Submission) { sub.Submitter = civic.Organisation }, answers.Sender{Type: civic.Organisation}},
		{"an organisation that agreed", person, func(sub *civic.Submission) { sub.Submitter, sub.PublishName = civic.Organisation, true },
			answers.Sender{Type: civic.Organisation, Name: "Hợp tác xã Muối"}},
		{"who accuses", person, func(sub *civic.Submission) { sub.PublishName, sub.Restricted = true, true }, answers.Sender{Type: civic.Person}},
		{"who was not asked", person, func(sub *civic.Submission) { sub.PublishName, sub.Consent = true, civic.ConsentNone }, answers.Sender{Type: civic.Person}},
		{"a number for a name", civic.Contact{Name: "0912 345 678"}, func(*civic.Submission) {}, answers.Sender{Type: civic.Person, Masked: true}},
		{"a sentence for a name", civic.Contact{Name: "tôi là người dân của xã này"}, func(*civic.Submission) {}, answers.Sender{Type: civic.Person, Masked: true}},
	} {
		sub := o.ReceiveFrom(t, tt.contact, func(sub *civic.Submission) {
			sub.State, sub.Visibility, sub.PublicTitle, sub.PublicBody = civic.InProgress, civic.PublicOpen, sub.Title, sub.Body
			tt.edit(sub)
		})
		if got := o.public(t, sub).Sender; got != tt.want {
			t.Errorf("%s is %+v, want %+v", tt.name, got, tt.want)
		}
		o.Do(t, func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), sub.ID, o.Clock.Now()) })
		if got := o.public(t, sub).Sender; got.Name != "" {
			t.Errorf("%s was erased and is %+v", tt.name, got)
		}
	}
}
