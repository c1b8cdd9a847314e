package worklist

import (
	"context"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/presence"
	"hienke/internal/store"
)

// Onlooker is somebody else at a case.
type Onlooker struct {
	presence.Person
	Name string
}

// Attend notes that the person is at a case, and returns who else is: only to
// whoever may see the case. While it is not known who is there, nobody is: it
// fails with what keeps the person from the case, and with nothing else.
func (s *Service) Attend(ctx context.Context, actor civic.Actor, code civic.Code, place string, doing presence.Doing) ([]Onlooker, error) {
	sign, err := s.sign(ctx, actor, code, place, doing)
	if err != nil {
		return nil, fmt.Errorf("attend the case: %w", err)
	}
	if err := s.Presence.Give(ctx, sign); err != nil {
		return nil, nil //nolint:nilerr // said above
	}
	people, err := s.Presence.At(ctx, sign.Case)
	if err != nil {
		return nil, nil //nolint:nilerr // said above
	}
	out := make([]Onlooker, 0, len(people))
	err = s.Store.View(ctx, func(tx store.Tx) error {
		out = out[:0]
		for _, p := range people {
			if p.User == actor.User {
				continue
			}
			u, err := tx.Users().Get(ctx, p.User)
			if errs.KindOf(err) == errs.NotFound && err != nil {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, Onlooker{p, u.Name})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("attend the case: %w", err)
	}
	return out, nil
}

// Leave takes the person's window off a case.
func (s *Service) Leave(ctx context.Context, actor civic.Actor, code civic.Code, place string) error {
	sign, err := s.sign(ctx, actor, code, place, presence.Looking)
	if err != nil {
		return fmt.Errorf("leave the case: %w", err)
	}
	return s.Presence.Take(ctx, sign)
}

// Watch returns a channel that is filled when somebody came to the case or left,
// until ctx ends.
func (s *Service) Watch(ctx context.Context, actor civic.Actor, code civic.Code) (<-chan struct{}, error) {
	sign, err := s.sign(ctx, actor, code, "", presence.Looking)
	if err != nil {
		return nil, fmt.Errorf("watch the case: %w", err)
	}
	return s.Presence.Watch(ctx, sign.Case), nil
}

// sign makes a sign of the person, who must be allowed to see the case.
func (s *Service) sign(ctx context.Context, actor civic.Actor, code civic.Code, place string, doing presence.Doing) (sign presence.Sign, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if err := actor.Check(s.Registry, civic.SeeCase, &sub); err != nil {
			return err
		}
		sign = presence.Sign{Case: sub.ID, User: actor.User, Place: place, Doing: doing}
		return nil
	})
	return sign, err
}
