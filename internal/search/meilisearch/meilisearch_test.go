package meilisearch_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	client "github.com/meilisearch/meilisearch-go"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/search"
	"hienke/internal/search/meilisearch"
	"hienke/internal/search/searchtest"
	"hienke/internal/testkit"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	searchtest.Run(t, func(t *testing.T) searchtest.Open {
		config := place(t)
		return func(t *testing.T, audience search.Audience) search.Index {
			t.Helper()
			return open(t, config, audience)
		}
	})
}

// place returns index names of the test's own, which are removed after it.
func place(t *testing.T) meilisearch.Config {
	t.Helper()
	url, key := testkit.Meili(t)
	config := meilisearch.Config{URL: url, Key: key, Prefix: testkit.Name("test")}
	t.Cleanup(func() {
		for _, uid := range uids(t, config) {
			if _, err := server(config).DeleteIndex(uid); err != nil {
				t.Errorf("remove index %s: %v", uid, err)
			}
		}
	})
	return config
}

// server is a plain client, to look at what the index leaves on the server.
func server(config meilisearch.Config) client.ServiceManager {
	return client.New(config.URL, client.WithAPIKey(config.Key))
}

// uids lists the indexes of a prefix.
func uids(t *testing.T, config meilisearch.Config) []string {
	t.Helper()
	all, err := server(config).ListIndexes(&client.IndexesQuery{Limit: 10_000})
	if err != nil {
		t.Fatalf("list indexes: %v", err)
	}
	var out []string
	for _, i := range all.Results {
		if strings.HasPrefix(i.UID, config.Prefix+"_") {
			out = append(out, i.UID)
		}
	}
	slices.Sort(out)
	return out
}

// open opens an index that the caller closes.
func open(t *testing.T, config meilisearch.Config, audience search.Audience) *meilisearch.Index {
	t.Helper()
	config.Thesaurus = searchtest.Thesaurus(t)
	x, err := meilisearch.New(config, audience)
	if err != nil {
		t.Fatalf("new: %v", err)
	}
	return x
}

// opened is an open index that is closed with the test.
func opened(t *testing.T, config meilisearch.Config) *meilisearch.Index {
	t.Helper()
	x := open(t, config, search.Public)
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return x
}

var received = time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC)

func put(code civic.Code, title string) search.Change {
	return search.Put(search.Document{Code: code, Title: title, Kind: civic.Feedback, ReceivedAt: received})
}

func TestNewRefusesABadConfiguration(t *testing.T) {
	t.Parallel()
	for _, bad := range []meilisearch.Config{
		{}, {URL: "localhost:7700"}, {URL: "ftp://host"}, {URL: "http://"},
		{URL: "http://host", Prefix: "With Capitals"}, {URL: "http://host", Prefix: strings.Repeat("a", 41)},
	} {
		if _, err := meilisearch.New(bad, search.Public); errs.KindOf(err) != errs.Invalid {
			t.Errorf("New(%+v) = %v, want Invalid", bad, err)
		}
	}
	if _, err := meilisearch.New(meilisearch.Config{URL: "http://host"}, "everybody"); err == nil {
		t.Error("an audience that does not exist was taken")
	}
}

// away lists servers that do not answer, each in its own way.
func away(t *testing.T) map[string]string {
	t.Helper()
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := refused.Close(); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts by backlog and never reads
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	answering := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	return map[string]string{
		"refuses":          "http://" + refused.Addr().String(),
		"is silent":        "http://" + silent.Addr().String(),
		"is broken":        answering(http.StatusInternalServerError, "{}"),
		"is behind a page": answering(http.StatusOK, "<html>login</html>"),
		"wants a key":      answering(http.StatusForbidden, `{"message":"no","code":"invalid_api_key","type":"auth","link":""}`),
	}
}

func TestAServerThatIsAwayIsUnavailableInTime(t *testing.T) {
	t.Parallel()
	for name, url := range away(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := opened(t, meilisearch.Config{URL: url})
			begun := time.Now()
			_, err := x.Query(t.Context(), search.Query{Text: "bí mật", Page: 1, PerPage: 10})
			if errs.KindOf(err) != errs.Unavailable {
				t.Errorf("Query() = %v, want Unavailable", err)
			}
			if err != nil && strings.Contains(err.Error(), "bí mật") {
				t.Errorf("the error repeats the question: %v", err)
			}
			if took := time.Since(begun); took > 6*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestApplyToAServerThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	servers := away(t)
	for _, name := range []string{"refuses", "is broken", "wants a key"} {
		x := opened(t, meilisearch.Config{URL: servers[name]})
		err := x.Apply(t.Context(), []search.Change{put("A", "một")})
		if errs.KindOf(err) != errs.Unavailable {
			t.Errorf("a server that %s: Apply() = %v, want Unavailable", name, err)
		}
	}
}

// tasking is a server that accepts everything and whose tasks stay in one
// status.
func tasking(t *testing.T, status string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := `{}`
		switch {
		case strings.HasPrefix(r.URL.Path, "/tasks/"):
			answer = `{"uid":1,"status":"` + status + `","error":{"code":"no_space_left_on_device"}}`
		case r.Method != http.MethodGet:
			w.WriteHeader(http.StatusAccepted)
			answer = `{"taskUid":1,"status":"enqueued"}`
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestApplyIsDoneOnlyWhenTheTaskSucceeded(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{
		"enqueued": "search.too_slow", "processing": "search.too_slow",
		"failed": "search.task_failed", "canceled": "search.task_failed", "succeeded": "",
	} {
		x := opened(t, meilisearch.Config{URL: tasking(t, status)})
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		err := x.Apply(ctx, []search.Change{put("A", "một")})
		cancel()
		switch {
		case want == "" && err != nil:
			t.Errorf("the task %s: %v", status, err)
		case want != "" && (errs.KindOf(err) != errs.Unavailable || errs.CodeOf(err) != want):
			t.Errorf("the task %s: %v, want Unavailable, %s", status, err, want)
		}
	}
}

func TestACallerThatLeavesIsNotAFailureOfTheServer(t *testing.T) {
	t.Parallel()
	x := opened(t, meilisearch.Config{URL: away(t)["is silent"]})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := x.Query(ctx, search.Query{Page: 1, PerPage: 10})
	if !errors.Is(err, context.Canceled) || errs.KindOf(err) == errs.Unavailable {
		t.Errorf("Query() = %v, want the cancellation", err)
	}
}

func TestTwoInstallationsShareAServer(t *testing.T) {
	t.Parallel()
	one, two := opened(t, place(t)), opened(t, place(t))
	if err := one.Apply(t.Context(), []search.Change{put("A", "một")}); err != nil {
		t.Fatalf("apply: %v", err)
	}
	if n, err := two.Count(t.Context()); n != 0 || err != nil {
		t.Errorf("the other installation counts %d documents, %v", n, err)
	}
}

func TestARebuildLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	config := place(t)
	x := opened(t, config)
	for _, end := range []func(search.Rebuild) error{
		func(r search.Rebuild) error { return r.Commit(t.Context()) },
		func(r search.Rebuild) error { return r.Abort(t.Context()) },
	} {
		r, err := x.Rebuild(t.Context())
		if err != nil {
			t.Fatalf("rebuild: %v", err)
		}
		if err := r.Apply(t.Context(), []search.Change{put("A", "một")}); err != nil {
			t.Fatalf("apply: %v", err)
		}
		if err := end(r); err != nil {
			t.Fatalf("end the rebuild: %v", err)
		}
	}
	// Tasks are carried out in order, so after this one the removals are done.
	if err := x.Apply(t.Context(), []search.Change{put("B", "hai")}); err != nil {
		t.Fatalf("apply: %v", err)
	}
	if got := uids(t, config); len(got) != 1 {
		t.Errorf("left on the server: %q, want the live index alone", got)
	}
}

// A server that lost its data takes documents into an index that it makes up,
// without our settings. The next query mends that.
func TestAnIndexThatWasLostIsMadeAgain(t *testing.T) {
	t.Parallel()
	config := place(t)
	x := opened(t, config)
	if err := x.Apply(t.Context(), []search.Change{put("A", "một")}); err != nil {
		t.Fatalf("apply: %v", err)
	}
	plain := server(config)
	task, err := plain.DeleteIndex(uids(t, config)[0])
	if err != nil {
		t.Fatalf("remove the index: %v", err)
	}
	if _, err := plain.WaitForTask(task.TaskUID, 10*time.Millisecond); err != nil {
		t.Fatalf("wait: %v", err)
	}
	if err := x.Apply(t.Context(), []search.Change{put("B", "hai")}); err != nil {
		t.Fatalf("apply to the lost index: %v", err)
	}
	query := search.Query{Page: 1, PerPage: 10, Facets: search.Facets, Filters: search.Filters{Kinds: []civic.Kind{civic.Feedback}}}
	r, err := x.Query(t.Context(), query)
	if err != nil || r.Total != 1 || r.Hits[0].Code != "B" {
		t.Errorf("Query() = %+v, %v; want B", r, err)
	}
}
