package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/presence"
)

const (
	// maxStreams is how many windows of one account are told who else is there:
	// each holds a connection. Scripts open one only while its window is in sight.
	maxStreams = 6
	// streamTime is how long a window is told before it asks again.
	streamTime = 5 * time.Minute
	// leaveTime is how long a window that closed waits for being taken off.
	leaveTime = time.Second
)

// StreamRoutes are the patterns of the routes that tell what happens as it
// happens.
func StreamRoutes() []string { return []string{"/staff/cases/:code/present"} }

// presenceRoutes are what an open window asks by itself. They stand in a group
// that recognises people and takes that for no sign of life.
func (w *Web) presenceRoutes(g *echo.Group) {
	g.GET("/cases/:code/present", w.showPresent, httpx.Require(civic.SeeCase))
}

// presentPath tells who else is at a case.
func presentPath(code civic.Code) string { return staffCasePath(code) + "/present" }

// streams counts the open streams of accounts.
type streams struct {
	mu sync.Mutex
	by map[civic.UserID]int
}

// begin counts one more, or reports false at the limit.
func (s *streams) begin(u civic.UserID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[civic.UserID]int{}
	}
	if s.by[u] >= maxStreams {
		return false
	}
	s.by[u]++
	return true
}

func (s *streams) end(u civic.UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by[u]--; s.by[u] == 0 {
		delete(s.by, u)
	}
}

// attend notes that the person is at a case and says in one line who else is;
// nothing when nobody is.
func (w *Web) attend(c echo.Context, code civic.Code, place string, doing presence.Doing) (string, error) {
	others, err := w.Worklist.Attend(c.Request().Context(), httpx.ActorFrom(c), code, place, doing)
	if err != nil || len(others) == 0 {
		return "", err
	}
	words := w.words(c)
	said := make([]string, len(others))
	for i, o := range others {
		said[i] = o.Name
		if o.Doing == presence.Editing {
			said[i] = words.t("worklist.present.editing", "name", o.Name)
		}
	}
	return words.t("worklist.present.now", "names", strings.Join(said, ", ")), nil
}

// showPresent says who else is at a case: for as long as the window is open to
// whoever asks for events, once to all others.
func (w *Web) showPresent(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	actor, place, doing := httpx.ActorFrom(c), w.NewKey(), presence.Looking
	if c.QueryParam("doing") == string(presence.Editing) {
		doing = presence.Editing
	}
	if !w.streams.begin(actor.User) {
		return errs.New(errs.RateLimited, "presence.too_many")
	}
	defer w.streams.end(actor.User)
	said, err := w.attend(c, code, place, doing)
	if err != nil {
		return err
	}
	stream, err := httpx.OpenStream(c)
	if stream == nil && err == nil {
		return c.String(http.StatusOK, said)
	}
	if err == nil {
		w.tellPresent(c, stream, present{code, place, doing, said})
	}
	return nil // the answer has begun: whoever went away needs no error page
}

// present is a window at a case and what it was told.
type present struct {
	code  civic.Code
	place string
	doing presence.Doing
	said  string
}

// tellPresent tells the window at once and after every change, and takes it off
// the case when it closes.
func (w *Web) tellPresent(c echo.Context, stream *httpx.Stream, p present) {
	ctx, actor := c.Request().Context(), httpx.ActorFrom(c)
	defer w.leave(c, p.code, p.place)
	w.leave(c, p.code, placeOfPage(actor)) // the window itself stands for it now
	changed, err := w.Worklist.Watch(ctx, actor, p.code)
	if err != nil || stream.Tell(p.said) != nil {
		return
	}
	still, ends := time.NewTicker(presence.Every), time.NewTimer(streamTime)
	defer still.Stop()
	defer ends.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ends.C:
			return
		case <-changed:
		case <-still.C:
			if stream.Quiet() != nil {
				return
			}
		}
		now, err := w.Accounts.Recognise(ctx, httpx.SessionFrom(c))
		if err != nil {
			return // the session ended
		}
		httpx.SetActor(c, now) // with the rights of now
		said, err := w.attend(c, p.code, p.place, p.doing)
		if err != nil {
			return // the case went out of the person's reach, or the database is away
		}
		if said != p.said && stream.Tell(said) != nil {
			return
		}
		p.said = said
	}
}

// leave takes a window off a case, though its request may have ended.
func (w *Web) leave(c echo.Context, code civic.Code, place string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), leaveTime)
	defer cancel()
	_ = w.Worklist.Leave(ctx, httpx.ActorFrom(c), code, place) // else the sign runs out
}

// placeOfPage stands for a page that was loaded: without scripts it is all that
// is known of the person.
func placeOfPage(a civic.Actor) string { return "page" + strconv.FormatInt(int64(a.User), 10) }
