package notices

import (
	"context"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// whereNow says where a late case is, as its sender is told.
var whereNow = map[civic.Language]map[civic.State]string{
	civic.Vietnamese: {
		civic.Received: "đang được đối chiếu và phân loại", civic.Triage: "đang chờ bộ phận điều phối chọn cơ quan", civic.Assigned: "đã chuyển, chờ cơ quan tiếp nhận",
		civic.InProgress: "cơ quan đang xử lý", civic.AwaitingCitizen: "đang chờ ông/bà bổ sung thông tin", civic.InReview: "câu trả lời đã soạn, đang chờ duyệt",
	},
	civic.English: {
		civic.Received: "being compared and sorted", civic.Triage: "waiting for a coordinator to choose the agency", civic.Assigned: "with the agency, which has not accepted it yet",
		civic.InProgress: "being handled by the agency", civic.AwaitingCitizen: "waiting for more information from you", civic.InReview: "an answer is drafted and waits for approval",
	},
}

// tellLate tells how a late case stands, or the one that it follows.
func (s *Service) tellLate(ctx context.Context, tx store.Tx, m civic.Message, sub civic.Submission, l letter) (letter, error) {
	if sub.State == civic.Merged && sub.Root != 0 {
		var err error
		if sub, err = tx.Submissions().Get(ctx, sub.Root); err != nil {
			return letter{}, err
		}
		l.DueOn = day(m.Language, sub.DueAt)
	}
	if !civic.Open.Has(sub.State) || !sub.DueAt.Before(m.CreatedAt) {
		return letter{}, errOutdated
	}
	l.Agency, l.Where = s.agency(m, sub.Agency), whereNow[m.Language][sub.State]
	l.NextOn = day(m.Language, m.CreatedAt.AddDate(0, 0, s.Registry.Reminders.LateNoteEvery))
	return l, nil
}
