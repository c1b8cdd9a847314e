// Package meilisearch is search.Index on a Meilisearch server, for
// installations of many processes. It needs Meilisearch 1.15 or later.
//
// Each audience has an index of its own on the server, named
// PREFIX_AUDIENCE_vSCHEMA. Several installations, and several releases of one
// while they change over, can so share a server. A release with another
// search.SchemaVersion begins with an empty index; the old one is removed by
// the first rebuild after it.
//
// Words are cut and folded here and sent to the server as plain ASCII words
// beside the texts, so that Meilisearch and Bleve agree on what a Vietnamese
// word is (record, spell).
package meilisearch

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	client "github.com/meilisearch/meilisearch-go"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/search"
)

// How long the server may take.
const (
	dialTimeout  = 2 * time.Second
	queryTimeout = 3 * time.Second // all requests of one Query together
	callTimeout  = 10 * time.Second
	// applyTimeout ends before the minute for which a worker holds the right to
	// write into an index, so that two writers never overlap.
	applyTimeout = 45 * time.Second
	// adminTimeout is for settings, which may index everything anew, and for
	// the swap, which waits for all tasks before it.
	adminTimeout = 5 * time.Minute
)

// Config says where the server is.
type Config struct {
	URL string // http:// or https://, without a path
	// Key is an API key that may search, and read and write documents, indexes,
	// settings, statistics and tasks; empty on a server without a master key.
	Key string
	// Prefix begins the names of all indexes; empty is DefaultPrefix. Lower-case
	// letters, digits, '-' and '_', at most 40.
	Prefix string
	// Thesaurus says which names stand for the same. The server is told, too.
	Thesaurus *search.Thesaurus
}

// DefaultPrefix is for a server that serves one installation.
const DefaultPrefix = "hienke"

var validPrefix = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// Check reports every wrong field as one Invalid error.
func (c Config) Check() error {
	var fields []errs.Field
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		fields = append(fields, errs.Field{Name: "url", Code: "field.not_a_url"})
	}
	if c.Prefix != "" && !validPrefix.MatchString(c.Prefix) {
		fields = append(fields, errs.Field{Name: "prefix", Code: "field.not_a_name"})
	}
	return errs.InvalidFields(fields...)
}

// Index is the documents of one audience on the server.
type Index struct {
	audience  search.Audience
	thesaurus *search.Thesaurus
	server    client.ServiceManager
	http      *http.Client
	uid       string // name on the server

	// preparing lets one caller at a time create the index and its settings;
	// prepared is set once the server was seen to have them.
	preparing chan struct{}
	prepared  atomic.Bool
	closed    atomic.Bool

	mu      sync.Mutex
	rebuild *rebuild // the open one, or nil; guarded by mu
}

var _ search.Index = (*Index)(nil)

// New returns the index of an audience. It does not ask the server: an
// installation starts and receives submissions while the server is away. The
// index and its settings are made at the first use.
func New(c Config, audience search.Audience) (*Index, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if !slices.Contains(search.Audiences, audience) {
		return nil, errs.New(errs.Internal, "search.unknown_audience")
	}
	if c.Prefix == "" {
		c.Prefix = DefaultPrefix
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: dialTimeout}).DialContext
	transport.MaxIdleConnsPerHost = 16 // about as many searches as one process runs at once
	// The server sends a compressed answer in two segments and waits in between
	// for an acknowledgement that the kernel delays by 40 ms.
	transport.DisableCompression = true
	h := &http.Client{Transport: transport}
	// The client's own retries sleep for seconds; whoever calls this retries
	// better.
	server := client.New(c.URL, client.WithCustomClient(h), client.WithAPIKey(c.Key), client.DisableRetries())
	return &Index{
		audience: audience, thesaurus: c.Thesaurus, server: server, http: h, uid: liveUID(c.Prefix, audience),
		preparing: make(chan struct{}, 1),
	}, nil
}

// Audience names the audience of the index.
func (x *Index) Audience() search.Audience { return x.audience }

// Engine is "meilisearch".
func (x *Index) Engine() string { return search.EngineMeilisearch }

// Traits declares what Meilisearch does of its own accord.
func (x *Index) Traits() search.Traits {
	return search.Traits{TypoLetters: typoLetters, TypoBeside: true, JoinsWords: true}
}

// begin checks that the index is open, bounds the context and prepares the
// server.
func (x *Index) begin(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc, error) {
	if x.closed.Load() {
		return nil, nil, errs.New(errs.Unavailable, "search.closed")
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	if err := x.prepare(ctx); err != nil {
		cancel()
		return nil, nil, err
	}
	return ctx, cancel, nil
}

// Apply sends the changes and waits until the server has carried them out.
func (x *Index) Apply(ctx context.Context, changes []search.Change) error {
	if err := search.CheckChanges(changes); err != nil {
		return err
	}
	ctx, cancel, err := x.begin(ctx, applyTimeout)
	if err != nil {
		return err
	}
	defer cancel()
	return x.applyTo(ctx, x.uid, changes)
}

// applyTo makes the changes in the index of a name. Removals and puts are two
// tasks, carried out in order; no code is in both.
func (x *Index) applyTo(ctx context.Context, uid string, changes []search.Change) error {
	var removals []string
	var puts []record
	for _, c := range search.LastChanges(changes) {
		if c.Document == nil {
			removals = append(removals, string(c.Code))
		} else {
			puts = append(puts, newRecord(c.Document))
		}
	}
	documents := x.server.Index(uid)
	var tasks []*client.TaskInfo
	if len(removals) > 0 {
		task, err := documents.DeleteDocumentsWithContext(ctx, removals, nil)
		if err != nil {
			return x.failure("remove documents", err)
		}
		tasks = append(tasks, task)
	}
	if len(puts) > 0 {
		key := attrCode
		task, err := documents.AddDocumentsWithContext(ctx, puts, &client.DocumentOptions{PrimaryKey: &key})
		if err != nil {
			return x.failure("put documents", err)
		}
		tasks = append(tasks, task)
	}
	return x.await(ctx, "index documents", tasks...)
}

// Count returns the number of documents.
func (x *Index) Count(ctx context.Context) (int, error) {
	ctx, cancel, err := x.begin(ctx, callTimeout)
	if err != nil {
		return 0, err
	}
	defer cancel()
	stats, err := x.server.Index(x.uid).GetStatsWithContext(ctx, nil)
	if err != nil {
		return 0, x.failure("count documents", err)
	}
	return int(stats.NumberOfDocuments), nil
}

// Ping asks the server how it is. It does not need the key.
func (x *Index) Ping(ctx context.Context) error {
	if x.closed.Load() {
		return errs.New(errs.Unavailable, "search.closed")
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	if _, err := x.server.HealthWithContext(ctx); err != nil {
		return x.failure("ask for health", err)
	}
	return nil
}

// Each reads the documents page by page. The server keeps no snapshot: a
// document that is removed during the walk moves the ones behind it, so one of
// them can be missed.
func (x *Index) Each(ctx context.Context, fn func(code civic.Code, fingerprint string) error) error {
	for offset := int64(0); ; offset += search.MaxBatch {
		page, err := x.page(ctx, offset)
		if err != nil {
			return err
		}
		for _, r := range page {
			if err := fn(civic.Code(r.Code), r.Fingerprint); err != nil {
				return err
			}
		}
		if len(page) < search.MaxBatch {
			return nil
		}
	}
}

// page reads up to MaxBatch codes and fingerprints.
func (x *Index) page(ctx context.Context, offset int64) ([]record, error) {
	ctx, cancel, err := x.begin(ctx, callTimeout)
	if err != nil {
		return nil, err
	}
	defer cancel()
	var found client.DocumentsResult
	err = x.server.Index(x.uid).GetDocumentsWithContext(ctx, &client.DocumentsQuery{
		Offset: offset, Limit: search.MaxBatch, Fields: []string{attrCode, attrFingerprint},
	}, &found)
	if err != nil {
		return nil, x.failure("walk documents", err)
	}
	return decode(found.Results)
}

// Close aborts an open rebuild and lets go of the connections.
func (x *Index) Close() error {
	if x.closed.Swap(true) {
		return nil
	}
	x.mu.Lock()
	open := x.rebuild
	x.mu.Unlock()
	var err error
	if open != nil {
		err = open.abandon()
	}
	x.http.CloseIdleConnections()
	return err
}
