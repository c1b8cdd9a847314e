package casework

import (
	"hienke/internal/civic"
	"hienke/internal/search"
)

// Document is what search holds of a case: with public the public version
// alone. files is what FileText read; answer is its zero value where there is
// none to be found.
func Document(sub civic.Submission, answer civic.Answer, files string, public bool) search.Document {
	d := search.Document{
		Code: sub.Code, Title: sub.Title, Body: sub.Body, Answer: answer.Text, Kind: sub.Kind, Topic: sub.Topic,
		Agency: sub.Agency, Area: sub.Area, Status: sub.State, Outcome: answer.Outcome,
		ReceivedAt: sub.ReceivedAt, AnsweredAt: sub.AnsweredAt,
	}
	if public {
		d.Title, d.Body = sub.PublicTitle, sub.PublicBody
	}
	d.Body += files
	d.Year = d.SortedAt().In(civic.Zone).Year()
	return d
}
