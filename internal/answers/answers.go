// Package answers is where an agency replies: it drafts, a second person
// approves, and what is approved is sent and, if so decided, published.
package answers

import (
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/seal"
	"hienke/internal/store"
)

// Service handles answers. All fields but Keys and Committed are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Now      func() time.Time
	// Keys open contacts for what is public of a name; without them nobody is
	// named.
	Keys *seal.Keys
	// Committed is told that the outbox has something new.
	Committed func()
}

// desk runs the acts on cases.
func (s *Service) desk() casework.Desk {
	return casework.Desk{Store: s.Store, Registry: s.Registry, Now: s.Now}
}

func (s *Service) committed() {
	if s.Committed != nil {
		s.Committed()
	}
}
