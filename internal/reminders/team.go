package reminders

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/i18n"
	"hienke/internal/store"
)

// teamSections are what somebody, or whom somebody stands in for, has to do by
// today, and where colleagues named the person since the last morning mail. Of
// cases that the person may not see any more nothing is told.
func (s *Service) teamSections(ctx context.Context, tx store.Tx, staff civic.Staff, u civic.User, now time.Time) (todos, mentions section, err error) {
	todos.Title, mentions.Title = "Việc cần làm đến hôm nay", "Được nhắc đến trong ghi chú"
	open, err := tx.Todos().Open(ctx, append([]civic.UserID{u.ID}, staff.Represented(u.ID)...), looked)
	if err != nil {
		return todos, mentions, err
	}
	today := civic.DateOf(now)
	for _, t := range open {
		if t.Until == (civic.Date{}) || t.Until.Compare(today) > 0 || !staff.MaySee(u, t.Case) {
			continue
		}
		l := s.line(staff, t.Case, t.Case.DueAt, now)
		l.Due = "làm trước hết ngày " + i18n.ShortDate(i18n.Vietnamese, t.Until.Start(), civic.Zone)
		todos.Total++
		todos.Cases = append(todos.Cases, l)
	}
	named, err := tx.Mentions().Since(ctx, u.ID, s.lastMorning(now), looked)
	if err != nil {
		return todos, mentions, err
	}
	for _, m := range named {
		if staff.MaySee(u, m.Case) {
			mentions.Total++
			mentions.Cases = append(mentions.Cases, s.line(staff, m.Case, m.Case.DueAt, now))
		}
	}
	return todos, mentions, nil
}
