package triage

import (
	"context"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/store"
)

// Colleague is somebody who may see a case.
type Colleague struct {
	User  civic.UserID
	Name  string
	Login string // by which a note mentions the person, without @
}

// fillTeam reads what staff have to do on the case and who they are.
func (s *Service) fillTeam(ctx context.Context, tx store.Tx, actor civic.Actor, c *Case) (err error) {
	if c.Todos, err = tx.Todos().List(ctx, c.Submission.ID); err != nil || actor.Kind != civic.ActorStaff || !actor.May(civic.NoteCase) {
		return err
	}
	staff := civic.Staff{Registry: s.Registry, At: s.Now()}
	if staff.Users, err = tx.Users().List(ctx); err != nil {
		return err
	}
	for _, u := range staff.Colleagues(c.Submission) {
		c.Colleagues = append(c.Colleagues, Colleague{User: u.ID, Name: u.Name, Login: staff.Login(u, c.Submission)})
	}
	return nil
}

// sameSender is how many other cases of a sender are looked for.
const sameSender = 20

// fillLinked reads which cases staff linked with this one, as far as the person
// may see them, and for those who may know the sender now what else came from
// the same.
func (s *Service) fillLinked(ctx context.Context, tx store.Tx, actor civic.Actor, c *Case) error {
	known := map[civic.SubmissionID]bool{c.Submission.ID: true}
	for _, r := range c.Related {
		known[r.Case.ID] = true
	}
	links, err := tx.CaseLinks().List(ctx, c.Submission.ID)
	if err != nil {
		return err
	}
	found := map[civic.SubmissionID]RelatedCase{}
	var ids []civic.SubmissionID
	for _, l := range links {
		ids, found[l.Other], known[l.Other] = append(ids, l.Other), RelatedCase{Relation: RelationSeeAlso, Reason: l.Reason}, true
	}
	others, err := s.ofSameSender(ctx, tx, actor, c.Submission)
	if err != nil {
		return err
	}
	for _, id := range others {
		if !known[id] {
			ids, found[id] = append(ids, id), RelatedCase{Relation: RelationSender}
		}
	}
	had := len(c.Related)
	if err := s.relate(ctx, tx, actor, c, ids, found); err != nil {
		return err
	}
	kept := c.Related[:had]
	for _, r := range c.Related[had:] {
		if r.Visible { // that there is such a case of another agency is none of theirs
			kept = append(kept, r)
		}
	}
	c.Related = kept
	return nil
}

// ofSameSender finds the other cases of a sender, for those who may look at the
// contact now: who may not know the sender must not learn it by comparing.
func (s *Service) ofSameSender(ctx context.Context, tx store.Tx, actor civic.Actor, sub civic.Submission) ([]civic.SubmissionID, error) {
	if actor.Kind != civic.ActorStaff || actor.ContactNeed(s.Registry, &sub) != nil {
		return nil, nil
	}
	contact, ok, err := casework.Contact(ctx, tx, s.Keys, sub)
	if err != nil || !ok {
		return nil, err
	}
	email, phone := s.Keys.Indexes(contact)
	return tx.Contacts().Find(ctx, email, phone, sameSender)
}
