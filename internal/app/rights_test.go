package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hienke/internal/civic"
)

// routeRights says for every route which right opens it, apart from the code.
// The router is asked for its routes: one that is missing here fails the test.
//
//	public  nobody has to be signed in, and a staff session changes nothing
//	sender  opened by what only the sender has
//	any     every signed-in account
//	own     every signed-in account, about itself
//
// "case" says that the route is about one case, which lies in the own agency or
// in a foreign one; "act", that it also changes it at a version; "user", that it is
// about an account, of the own agency or of a foreign one.
const routeRights = `
GET    /                                                public
GET    /assets/:file                                    public
GET    /open-data/:file                                 public
GET    /challenge                                       public
GET    /robots.txt                                      public
GET    /sitemap.xml                                     public
GET    /sitemap/:file                                   public
GET    /api/v1/agencies                                 public
GET    /api/v1/areas                                    public
GET    /api/v1/topics                                   public
GET    /api/v1/openapi.json                             public
GET    /api/v1/search                                   public
GET    /api/v1/stats                                    public
GET    /api/v1/submissions/:code                        sender
GET    /api/v1/submissions/:code/attachments/:ref       sender
POST   /api/v1/similar                                  public
POST   /api/v1/submissions                              public
POST   /api/v1/submissions/:code/attachments            sender
POST   /api/v1/submissions/:code/information            sender
POST   /api/v1/submissions/:code/object                 sender
POST   /api/v1/submissions/:code/rating                 sender
POST   /api/v1/submissions/:code/reopen                 sender
POST   /api/v1/submissions/:code/withdraw               sender
POST   /api/v1/staff/sessions                           public
DELETE /api/v1/staff/sessions/current                   own

GET    /api/v1/staff/queue                              queue.see
GET    /api/v1/staff/figures                            figures.see
GET    /api/v1/staff/agencies/flags                     figures.see
GET    /api/v1/staff/agencies/stranded                  case.triage
POST   /api/v1/staff/agencies/stranded                  case.triage
GET    /api/v1/staff/contact-looks                      looks.see
GET    /api/v1/staff/examples/waiting                   rules.manage
POST   /api/v1/staff/examples/:code/relabel             rules.manage
GET    /api/v1/staff/models                             model.see
POST   /api/v1/staff/models/train                       model.manage
POST   /api/v1/staff/models/:version/activate           model.manage
GET    /api/v1/staff/rules                              rules.see
GET    /api/v1/staff/rules/:id                          rules.see
POST   /api/v1/staff/rules                              rules.manage
POST   /api/v1/staff/rules/dry-run                      rules.manage
POST   /api/v1/staff/rules/:id/dry-run                  rules.manage
POST   /api/v1/staff/rules/:id/go-live                  rules.manage
POST   /api/v1/staff/rules/:id/move                     rules.manage
POST   /api/v1/staff/rules/:id/retire                   rules.manage
POST   /api/v1/staff/bulk/decide-scope                  case.triage
POST   /api/v1/staff/bulk/reject                        case.triage
GET    /api/v1/staff/submissions/:code                  case.see        case
GET    /api/v1/staff/submissions/:code/attachments/:ref case.see        case
POST   /api/v1/staff/submissions/:code/contact          contact.see     case
POST   /api/v1/staff/submissions/:code/:action          case.see
POST   /api/v1/staff/submissions/:code/accept           case.handle     act
POST   /api/v1/staff/submissions/:code/approve          answer.approve  act
POST   /api/v1/staff/submissions/:code/assign           case.assign     act
POST   /api/v1/staff/submissions/:code/decide-scope     case.triage     act
POST   /api/v1/staff/submissions/:code/draft-answer     case.handle     act
POST   /api/v1/staff/submissions/:code/correct          case.handle     act
POST   /api/v1/staff/submissions/:code/cancel-publication answer.approve  act
POST   /api/v1/staff/submissions/:code/settle-commitment case.handle     act
GET    /api/v1/staff/commitments                        case.see
POST   /api/v1/staff/submissions/:code/extend           case.handle     act
POST   /api/v1/staff/submissions/:code/hand-back        case.handle     act
POST   /api/v1/staff/submissions/:code/lead             case.triage     act
POST   /api/v1/staff/submissions/:code/merge            case.triage     act
POST   /api/v1/staff/submissions/:code/note             case.note       act
POST   /api/v1/staff/submissions/:code/ask-opinion      case.handle     act
POST   /api/v1/staff/submissions/:code/withdraw-opinion case.handle     act
GET    /api/v1/staff/todos                              queue.see
POST   /api/v1/staff/submissions/:code/add-todo         case.note       act
POST   /api/v1/staff/submissions/:code/finish-todo      case.note       act
POST   /api/v1/staff/submissions/:code/link             case.note       act
POST   /api/v1/staff/submissions/:code/unlink           case.note       act
GET    /api/v1/staff/opinions                           queue.see
POST   /api/v1/staff/opinions/:id/give                  case.handle
POST   /api/v1/staff/opinions/:id/decline               case.handle
POST   /api/v1/staff/submissions/:code/publish          case.publish    act
POST   /api/v1/staff/submissions/:code/record-information  case.handle  act
POST   /api/v1/staff/submissions/:code/redact           case.redact     act
POST   /api/v1/staff/submissions/:code/reject           case.triage     act
POST   /api/v1/staff/submissions/:code/request-information case.handle  act
POST   /api/v1/staff/submissions/:code/return           answer.approve  act
POST   /api/v1/staff/submissions/:code/split            case.triage     act
POST   /api/v1/staff/submissions/:code/split-cluster    case.triage     act
POST   /api/v1/staff/submissions/:code/take-down        case.take_down  act
POST   /api/v1/staff/submissions/:code/urgent           case.assign     act
POST   /api/v1/staff/submissions/:code/not-urgent       case.assign     act
POST   /api/v1/staff/submissions/:code/unmerge          case.triage     act
POST   /api/v1/staff/submissions/:code/unrestrict       case.triage     act

GET    /staff                                           queue.see
GET    /staff/                                          queue.see
GET    /staff/queue                                     queue.see
GET    /staff/queue/export                              queue.see
GET    /staff/exports                                   queue.see
POST   /staff/exports                                   queue.see
GET    /staff/exports/:id                               queue.see
GET    /staff/exports/:id/file                          queue.see
POST   /staff/exports/:id/retry                         queue.see
GET    /staff/figures                                   steering.see
GET    /staff/figures/export                            steering.see
GET    /staff/figures/machine                           figures.see
GET    /staff/registry                                  registry.manage
GET    /staff/registry/agency/table                     registry.manage
POST   /staff/registry/agency/table                     registry.manage
GET    /staff/registry/agency/table.csv                 registry.manage
GET    /staff/registry/changes/:id                      registry.manage
POST   /staff/registry/changes/:id/undo                 registry.manage
GET    /staff/registry/:kind                            registry.manage
GET    /staff/registry/:kind/new                        registry.manage
POST   /staff/registry/:kind/new                        registry.manage
GET    /staff/registry/:kind/:code                      registry.manage
POST   /staff/registry/:kind/:code                      registry.manage
POST   /staff/registry/:kind/:code/end                  registry.manage
GET    /staff/registry/:kind/:code/merge                registry.manage
POST   /staff/registry/:kind/:code/merge                registry.manage
GET    /staff/agencies                                  figures.see
GET    /staff/agencies/examples                         rules.manage
POST   /staff/agencies/examples                         rules.manage
POST   /staff/agencies/move                             case.triage
GET    /staff/looks                                     looks.see
GET    /staff/privacy                                   privacy.handle
GET    /staff/privacy/:request                          privacy.handle
POST   /staff/privacy/:request/identify                 privacy.handle
POST   /staff/privacy/:request/reply                    privacy.handle
POST   /staff/privacy/:request/grant                    privacy.handle
POST   /staff/privacy/:request/partly                   privacy.handle
POST   /staff/privacy/:request/refuse                   privacy.handle
POST   /staff/privacy/:request/extend                   privacy.handle
POST   /staff/privacy/:request/letter                   privacy.handle
POST   /staff/privacy/:request/posted                   privacy.handle
POST   /staff/privacy/:request/extract                  privacy.handle
POST   /staff/privacy/:request/correct                  privacy.handle
POST   /staff/privacy/:request/correct_text             privacy.handle
POST   /staff/privacy/:request/fulfil                   privacy.handle
POST   /staff/privacy/:request/tell                     privacy.handle
GET    /staff/audit                                     audit.see
GET    /staff/audit/export                              audit.see
GET    /staff/models                                    model.see
GET    /staff/models/:version/activate                  model.manage
POST   /staff/models/:version/activate                  model.manage
POST   /staff/models/train                              model.manage
GET    /staff/rules                                     rules.see
GET    /staff/rules/:id                                 rules.see
GET    /staff/rules/:id/:act                            rules.manage
GET    /staff/rules/:id/dry-run                         rules.manage
GET    /staff/rules/new                                 rules.manage
POST   /staff/rules/:id                                 rules.manage
POST   /staff/rules/:id/:act                            rules.manage
POST   /staff/rules/:id/dry-run                         rules.manage
POST   /staff/rules/:id/move                            rules.manage
POST   /staff/rules/new                                 rules.manage
GET    /staff/bulk                                      case.note
POST   /staff/bulk/:action                              case.note
GET    /staff/bulk/works                                queue.see
GET    /staff/bulk/works/:id                            queue.see
POST   /staff/bulk/works/:id/:act                       case.note
GET    /staff/views                                     queue.see
POST   /staff/views                                     queue.see
POST   /staff/views/:id                                 queue.see
POST   /staff/claims                                    case.triage
GET    /staff/tasks                                     tasks.retry
POST   /staff/tasks/:id/retry                           tasks.retry
GET    /staff/intake                                    case.key_in
POST   /staff/intake                                    case.key_in
GET    /staff/intake/receipt/:code                      case.key_in
GET    /staff/post                                      letter.post
POST   /staff/post/posted                               letter.post
POST   /staff/post/print                                letter.post
POST   /staff/post/undo                                 letter.post
GET    /staff/sign-in                                   public
POST   /staff/sign-in                                   public
POST   /staff/sign-out                                  public
POST   /staff/sign-in/code                              public
POST   /staff/sign-in/passkey                           public
POST   /staff/sign-in/passkey/finish                    public
POST   /staff/sign-in/passkey/second                    public
GET    /staff/provider                                  public
GET    /staff/provider/back                             public
GET    /staff/reset                                     public
POST   /staff/reset                                     public
GET    /staff/link/:token                               public
POST   /staff/link/:token                               public
GET    /staff/account                                   any
POST   /staff/account/password                          any
POST   /staff/account/sessions                          own
POST   /staff/account/codes                             any
POST   /staff/account/codes/confirm                     any
POST   /staff/account/codes/recovery                    any
POST   /staff/account/codes/remove                      any
POST   /staff/account/passkeys                          any
POST   /staff/account/passkeys/confirm                  any
POST   /staff/account/passkeys/:id/rename               any
POST   /staff/account/passkeys/:id/remove               any
GET    /staff/users                                     users.see
POST   /staff/users                                     users.manage
GET    /staff/users/:id                                 users.see       user
POST   /staff/users/:id/role                            users.manage    user
POST   /staff/users/:id/close                           users.manage    user
POST   /staff/users/:id/reopen                          users.manage    user
POST   /staff/users/:id/sessions                        users.manage    user
POST   /staff/users/:id/factors                         users.manage    user
POST   /staff/users/:id/invite                          users.manage    user
GET    /staff/absences                                  own
POST   /staff/absences                                  own
GET    /staff/absences/:id                              own
POST   /staff/absences/:id/end                          own
POST   /staff/absences/:id/give                         case.handle
POST   /staff/account/digest                            own
GET    /staff/times                                     times.see
POST   /staff/times/try                                 times.manage
POST   /staff/times/apply                               times.manage
GET    /staff/times/calendar                            times.see
POST   /staff/times/calendar                            times.manage
POST   /staff/times/calendar/drop                       times.manage
GET    /staff/times/calendar/try                        times.manage
POST   /staff/times/calendar/apply                      times.manage
GET    /staff/times/recounts                            times.see
GET    /staff/times/recounts/:id                        times.see
GET    /staff/tokens                                    users.see
POST   /staff/tokens                                    users.manage
POST   /staff/tokens/:id/revoke                         users.manage
GET    /staff/opinions                                  queue.see
GET    /staff/todos                                     queue.see
POST   /staff/cases/:code/add-todo                      case.note       act
POST   /staff/cases/:code/finish-todo                   case.note       act
POST   /staff/cases/:code/link                          case.note       act
POST   /staff/cases/:code/unlink                        case.note       act
POST   /staff/cases/:code/ask-opinion                   case.handle     act
POST   /staff/cases/:code/withdraw-opinion              case.handle     act
POST   /staff/cases/:code/give-opinion                  case.handle
POST   /staff/cases/:code/decline-opinion               case.handle
GET    /staff/cases/:code                               case.see        case
GET    /staff/cases/:code/print                         case.see        case
GET    /staff/cases/:code/compare/:other                case.see        case
GET    /staff/cases/:code/files/:ref                    case.see        case
GET    /staff/cases/:code/present                       case.see        case
GET    /staff/cases/:code/saves                         case.see        case
POST   /staff/cases/:code/saves                         case.handle     case
POST   /staff/cases/:code/paper                         case.handle     case
GET    /staff/commitments                               case.see
GET    /staff/templates                                 templates.manage
POST   /staff/templates                                 templates.manage
POST   /staff/templates/:id/retire                      templates.manage
GET    /staff/templates/:id/history                     templates.manage
POST   /staff/templates/:id/history                     templates.manage
POST   /staff/cases/:code/contact                       contact.see     case
POST   /staff/cases/:code/:action                       case.see
POST   /staff/cases/:code/accept                        case.handle     act
POST   /staff/cases/:code/approve                       answer.approve  act
POST   /staff/cases/:code/assign                        case.assign     act
POST   /staff/cases/:code/cancel-publication            answer.approve  act
POST   /staff/cases/:code/correct                       case.handle     act
POST   /staff/cases/:code/redact                        case.redact     act
POST   /staff/cases/:code/settle-commitment             case.handle     act
POST   /staff/cases/:code/take-down                     case.take_down  act
POST   /staff/cases/:code/decide-scope                  case.triage     act
POST   /staff/cases/:code/draft-answer                  case.handle     act
POST   /staff/cases/:code/extend                        case.handle     act
POST   /staff/cases/:code/hand-back                     case.handle     act
POST   /staff/cases/:code/lead                          case.triage     act
POST   /staff/cases/:code/merge                         case.triage     act
POST   /staff/cases/:code/note                          case.note       act
POST   /staff/cases/:code/publish                       case.publish    act
POST   /staff/cases/:code/record-information            case.handle     act
POST   /staff/cases/:code/release                       case.triage     act
POST   /staff/cases/:code/reject                        case.triage     act
POST   /staff/cases/:code/request-information           case.handle     act
POST   /staff/cases/:code/return                        answer.approve  act
POST   /staff/cases/:code/set-kind                      case.key_in     act
POST   /staff/cases/:code/guardian-signed               case.key_in     act
POST   /staff/cases/:code/urgent                        case.assign     act
POST   /staff/cases/:code/not-urgent                    case.assign     act
POST   /staff/cases/:code/split                         case.triage     act
POST   /staff/cases/:code/split-cluster                 case.triage     act
POST   /staff/cases/:code/unmerge                       case.triage     act
POST   /staff/cases/:code/unrestrict                    case.triage     act
`

// The pages of the public stand under the languages; a staff session changes
// nothing there.
var publicPages = []string{"/vi", "/en"}

// actForms are right inputs of the acts that check them before they look at the
// case. {case} is the code.
var actForms = map[string]url.Values{
	"ask-opinion":         {"agency": {string(education)}, "question": {"Quy chuẩn nào áp dụng?"}, "message": {"Quy chuẩn nào áp dụng?"}, "days": {"5"}},
	"add-todo":            {"text": {"Gọi cho xã"}},
	"finish-todo":         {"todo": {"1"}},
	"link":                {"other": {"HK-2222-2222-2222"}},
	"unlink":              {"other": {"HK-2222-2222-2222"}},
	"withdraw-opinion":    {"opinion": {"1"}},
	"give":                {"text": {"Ý kiến"}},
	"decline":             {"reason": {"Không thuộc lĩnh vực"}},
	"assign":              {"agency": {string(science)}, "reason": {"Đúng chức năng"}},
	"contact":             {"reason": {"Gọi điện hẹn ngày"}},
	"decide-scope":        {"verdict": {"in_scope"}, "scope": {"in_scope"}},
	"draft-answer":        {"text": {"Cơ quan đã tiếp thu và sẽ trả lời trong quý này."}, "outcome": {"explained"}},
	"extend":              {"days": {"5"}, "reason": {"Chờ ý kiến chuyên gia"}},
	"hand-back":           {"reason": {"Không đúng chức năng"}},
	"merge":               {"into": {"{case}"}},
	"note":                {"text": {"Ghi chú"}},
	"publish":             {"public_title": {"Một tiêu đề đủ dài"}, "public_body": {"Một nội dung đủ dài để công khai."}},
	"record-information":  {"reply": {"Đã bổ sung"}, "text": {"Đã bổ sung"}},
	"reject":              {"reason_code": {"out_of_scope"}, "message": {"Nội dung đã được trả lời."}},
	"request-information": {"question": {"Xin cho biết thêm"}, "message": {"Xin cho biết thêm"}},
	"correct":             {"text": {"Cơ quan đã tiếp thu và sẽ trả lời trong quý sau."}, "outcome": {"explained"}, "correction": {"Sửa thời hạn"}},
	"redact":              {"public_title": {"Một tiêu đề đủ dài"}, "public_body": {"Một nội dung đủ dài để công khai."}},
	"settle-commitment":   {"state": {"kept"}, "note": {"Đã làm"}},
	"take-down":           {"reason": {"Có dữ liệu cá nhân"}},
	"return":              {"remarks": {"Nêu rõ căn cứ"}},
	"split":               {"reason": {"Nêu hai việc"}, "parts.0.title": {"Một việc cần làm"}, "parts.0.body": {"Nội dung của việc cần làm thứ nhất."}},
	"split-cluster":       {"members": {"{case}"}},
	"set-kind":            {"kind": {"feedback"}},
	"unrestrict":          {"reason": {"Nhân vật giả định"}},
	"urgent":              {"reason": {"Có nguy cơ cháy nổ"}},
	"not-urgent":          {"reason": {"Không còn nguy cơ"}},
}

const (
	science   civic.AgencyCode = "bo-khoa-hoc-cong-nghe"
	education civic.AgencyCode = "bo-giao-duc-dao-tao"
)

// routeRight is one line of routeRights.
type routeRight struct{ method, path, right, object string }

func readRouteRights(t *testing.T) map[string]routeRight {
	t.Helper()
	out := map[string]routeRight{}
	for _, line := range strings.Split(routeRights, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		r := routeRight{method: f[0], path: f[1], right: f[2]}
		if len(f) == 4 {
			r.object = f[3]
		}
		if out[f[0]+" "+f[1]] != (routeRight{}) {
			t.Errorf("%s stands twice in routeRights", line)
		}
		out[f[0]+" "+f[1]] = r
	}
	return out
}

// TestEveryRouteForEveryRole walks every route as every role and as nobody, on
// a case of the own agency and on one of a foreign agency.
func TestEveryRouteForEveryRole(t *testing.T) {
	t.Parallel()
	w := newWalker(t)
	rights, callers := readRouteRights(t), w.callers(t)
	asked := 0
	for _, route := range w.Routes() {
		r, known := rights[route]
		delete(rights, route)
		if !known {
			if _, path, _ := strings.Cut(route, " "); !slices.ContainsFunc(publicPages, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") }) {
				t.Errorf("%s has no line in routeRights: say which right opens it", route)
			}
			continue
		}
		for _, who := range callers {
			for _, sub := range []civic.Submission{w.own, w.foreign} {
				refused := who.actor.Unproven && strings.HasPrefix(r.path, "/staff/absences")
				if r.object == "" && sub.ID == w.foreign.ID || r.right == "own" && who.token != "" && !refused {
					continue
				}
				if r.right == "public" && who.token != "" { // it must not end the sessions of the walk
					continue
				}
				asked++
				w.check(t, who, r, sub)
			}
		}
	}
	for left := range rights {
		t.Errorf("routeRights has %s, which is no route", left)
	}
	if asked < 1000 {
		t.Errorf("only %d requests: the walk does not see the routes any more", asked)
	}
}

// check asks once and compares the answer with what the right says.
func (w *walker) check(t *testing.T, who caller, r routeRight, sub civic.Submission) {
	t.Helper()
	answer := w.ask(t, who, r, sub)
	side := "own"
	if sub.ID == w.foreign.ID {
		side = "foreign"
	}
	got := fmt.Sprintf("%d", answer.Code)
	where := strings.HasPrefix(answer.Header().Get("Location"), "/staff/sign-in")
	if want, ok := w.want(who, r, sub, answer.Code, where); !ok {
		t.Errorf("%s %s as %s, %s agency: %s, want %s", r.method, r.path, who.name, side, got, want)
	}
	wantRight := r.right
	switch r.right {
	case "public", "sender":
		wantRight = ""
	case "own", "any":
		wantRight = "signed-in"
	}
	refusedBefore := who.token != "" && answer.Code == http.StatusUnauthorized // by the session itself
	if w.right.last != wantRight && !refusedBefore {
		t.Errorf("%s %s: the route line asks for %q, want %q", r.method, r.path, w.right.last, wantRight)
	}
}

// want says which answer is right, and whether the one that came is.
func (w *walker) want(who caller, r routeRight, sub civic.Submission, code int, toSignIn bool) (string, bool) {
	inAPI := strings.HasPrefix(r.path, "/api/")
	actor := who.actor
	if actor.Role == civic.RoleService && !inAPI {
		actor = civic.Public // its token opens no page
	}
	switch {
	case r.right == "public":
		return "anything that is open", code < 500 && (!toSignIn || strings.HasSuffix(r.path, "sign-out")) && code != http.StatusForbidden && (code != http.StatusUnauthorized || strings.Contains(r.path, "sign") || strings.Contains(r.path, "sessions"))
	case r.right == "sender":
		return "nothing for staff", code == http.StatusUnauthorized || code == http.StatusNotFound
	case actor.Kind == civic.ActorPublic && inAPI:
		return "401", code == http.StatusUnauthorized
	case actor.Kind == civic.ActorPublic:
		return "the sign-in", code == http.StatusUnauthorized || toSignIn
	case actor.Unproven && !strings.HasPrefix(r.path, "/staff/account"):
		return "the way to a second factor", code == http.StatusForbidden || !inAPI && code == http.StatusSeeOther
	case r.right == "any" || r.right == "own":
		return "an answer", code != http.StatusUnauthorized && code != http.StatusForbidden
	case !actor.May(civic.Permission(r.right)):
		return "403", code == http.StatusForbidden
	case r.object != "" && !actor.Reaches(w.Data.Registry, sub.Agency):
		return "404", code == http.StatusNotFound
	case strings.HasSuffix(r.path, "/contact"):
		if actor.ContactNeed(w.Data.Registry, &sub) != nil {
			return "403", code == http.StatusForbidden
		}
		return "200", code == http.StatusOK
	case r.object == "act":
		return "412", code == http.StatusPreconditionFailed
	case strings.HasSuffix(r.path, "/paper"): // takes the file and leads back
		return "303", code == http.StatusSeeOther
	case r.object == "case", r.object == "user" && r.method == http.MethodGet:
		return "200", code == http.StatusOK
	}
	return "an answer", code != http.StatusUnauthorized && code != http.StatusForbidden && code < 500 && !toSignIn
}
