package house

import (
	"strings"
	"testing"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/store"
)

// Two agencies of the delivered registry, neither above the other.
const (
	Science   civic.AgencyCode = "bo-khoa-hoc-cong-nghe"
	Education civic.AgencyCode = "bo-giao-duc-dao-tao"
	// Government lies above both.
	Government civic.AgencyCode = "chinh-phu"
)

// Staff adds an account and returns its actor. The address is made of role and
// agency and must be new to the house.
func (h *House) Staff(t testing.TB, role civic.Role, agency civic.AgencyCode) civic.Actor {
	t.Helper()
	return civic.StaffOf(h.User(t, civic.User{Role: role, Agency: agency}))
}

// User adds an account; what is empty is filled in.
func (h *House) User(t testing.TB, u civic.User) civic.User {
	t.Helper()
	h.Do(t, func(tx store.Tx) error {
		known, err := tx.Users().List(t.Context())
		if err != nil {
			return err
		}
		if u.Email == "" {
			u.Email = strings.Join([]string{string(u.Role), string(u.Agency), string(rune('a' + len(known)))}, ".") + "@staff.test"
		}
		if u.Name == "" {
			u.Name = "Cán Bộ Kín " + string(rune('A'+len(known)))
		}
		if u.PasswordHash == "" {
			u.PasswordHash = "no password"
		}
		u.Active, u.CreatedAt = true, h.Clock.Now()
		u.ID, err = tx.Users().Add(t.Context(), u)
		return err
	})
	return u
}

// Sender is the contact that Receive seals. Its parts occur nowhere else.
var Sender = civic.Contact{Name: "Trịnh Thị Mai Khuê", Email: "khue.trinh@example.vn", Phone: "0911222333", Address: "Ngõ Kín 17"}

// Receive stores a submission with what an ordinary one has, changed by edit
// (nil changes nothing), with the contact Sender, its event and its job.
func (h *House) Receive(t testing.TB, edit func(*civic.Submission)) civic.Submission {
	t.Helper()
	return h.ReceiveFrom(t, Sender, edit)
}

// ReceiveFrom is Receive with another contact; the zero contact is none.
func (h *House) ReceiveFrom(t testing.TB, from civic.Contact, edit func(*civic.Submission)) civic.Submission {
	t.Helper()
	now := h.Clock.Now()
	code, err := civic.NewCode(h.Random)
	if err != nil {
		t.Fatalf("draw a code: %v", err)
	}
	sub := civic.Submission{
		Code: code, Kind: civic.Initiative, Title: "Trạm quan trắc nước mở dữ liệu",
		Body:  "Đề nghị công bố số đo của các trạm quan trắc nước mặt theo giờ, ở dạng máy đọc được.",
		Topic: "du-lieu", Area: "01", Language: civic.Vietnamese, Channel: civic.ChannelWeb, Submitter: civic.Person,
		State: civic.Received, Version: 1, ReceivedAt: now, UpdatedAt: now, Visibility: civic.Private,
		DueAt:        h.Calendar.Due(now, h.Registry.Limits.AnswerFor(civic.Initiative)),
		ForwardDueAt: h.Calendar.Due(now, h.Registry.Limits.Forward),
	}
	if edit != nil {
		edit(&sub)
	}
	r := store.Receipt{
		Submission: sub,
		Events:     []civic.Event{{At: now, Type: civic.EventReceived, Actor: civic.ActorSender, From: civic.Received, To: civic.Received}},
		Jobs:       []store.Job{{Kind: store.JobMatch, CreatedAt: now}},
	}
	if r.Contact, err = casework.Seal(h.Keys, sub.Code, from); err != nil {
		t.Fatalf("seal the contact: %v", err)
	}
	if _, err := h.Store.Receive(t.Context(), r); err != nil {
		t.Fatalf("receive: %v", err)
	}
	return h.Case(t, sub.Code)
}
