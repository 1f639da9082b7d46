/* An event file is a chain of records as TFRecord has them: length, check of the length, data,
 * check of the data. The data is a message `Event` (tensorflow/core/util/event.proto) in the wire
 * format of protocol buffers; its fields here:
 *   Event   1 wall_time double, 2 step int64, 3 file_version string, 5 summary Summary
 *   Summary 1 value Value, repeated
 *   Value   1 tag string, 2 simple_value float, 8 tensor, 9 metadata SummaryMetadata
 * Settings are what the plugin "hparams" reads of a run (tensorboard/plugins/hparams/plugin_data.proto):
 *   SummaryMetadata 1 plugin_data (1 plugin_name string, 2 content HParamsPluginData)
 *   HParamsPluginData 3 session_start_info (1 hparams, a map to google.protobuf.Value: 2 a number, 3 a text) */
#include "inspect/events.h"
#include "folder/folder.h"
#include "inspect/crc32c.h"
#include "run/run.h"
#include "util/file.h"
#include "util/strbuf.h"
#include <stdio.h>
#include <string.h>

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

/* ---- the wire format ---- */

static void add_varint(struct strbuf *b, uint64_t v)
{
    for (; v >= 128; v >>= 7)
        strbuf_add_char(b, (char)(unsigned char)(v | 128));
    strbuf_add_char(b, (char)v);
}

static void add_key(struct strbuf *b, unsigned field, unsigned type)
{
    add_varint(b, field << 3 | type);
}

static void add_double(struct strbuf *b, unsigned field, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    add_key(b, field, FIXED64);
    strbuf_add_little(b, bits, 8);
}

static void add_float(struct strbuf *b, unsigned field, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    add_key(b, field, FIXED32);
    strbuf_add_little(b, bits, 4);
}

static void add_bytes(struct strbuf *b, unsigned field, const char *bytes, size_t n)
{
    add_key(b, field, BYTES);
    add_varint(b, n);
    strbuf_add_bytes(b, bytes, n);
}

/* ---- records ---- */

/* Turned and shifted, lest a check be computed over one. */
static uint32_t masked(const char *bytes, size_t n)
{
    uint32_t crc = crc32c_add(0, bytes, n);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static void add_record(struct strbuf *out, const struct strbuf *event)
{
    struct strbuf length;
    strbuf_init(&length);
    strbuf_add_little(&length, event->length, 8);
    strbuf_add_bytes(out, length.text, length.length);
    strbuf_add_little(out, masked(length.text, length.length), 4);
    strbuf_add_bytes(out, event->text, event->length);
    strbuf_add_little(out, masked(event->text, event->length), 4);
    strbuf_fini(&length);
}

static void add_scalar(struct strbuf *summary, const char *tag, double v)
{
    struct strbuf value;
    if (isnan(v))
        return;
    strbuf_init(&value);
    add_bytes(&value, 1, tag, strlen(tag));
    add_float(&value, 2, (float)v);
    add_bytes(summary, 1, value.text, value.length);
    strbuf_fini(&value);
}

static void add_row(struct strbuf *out, const struct epoch_row *row, double wall_time)
{
    struct strbuf event, summary;
    strbuf_init(&event);
    strbuf_init(&summary);
    add_scalar(&summary, "epoch", (double)row->epoch);
    for (int m = 0; m < METRICS; m++)
        add_scalar(&summary, metric_names[m], row->value[m]);
    add_double(&event, 1, wall_time);
    add_key(&event, 2, VARINT);
    add_varint(&event, (uint64_t)row->step);
    add_bytes(&event, 5, summary.text, summary.length);
    add_record(out, &event);
    strbuf_fini(&event);
    strbuf_fini(&summary);
}

/* ---- settings ---- */

static void add_message(struct strbuf *b, unsigned field, struct strbuf *message)
{
    add_bytes(b, field, message->text, message->length);
    strbuf_fini(message);
}

static void add_setting(struct strbuf *info, const struct events_setting *s)
{
    struct strbuf value, entry;
    strbuf_init(&value);
    strbuf_init(&entry);
    if (s->text)
        add_bytes(&value, 3, s->text, strlen(s->text));
    else
        add_double(&value, 2, s->number);
    add_bytes(&entry, 1, s->key, strlen(s->key));
    add_message(&entry, 2, &value);
    add_message(info, 1, &entry);
}

/* One float, 0: a value of a plugin comes with a tensor. */
static void add_no_tensor(struct strbuf *value)
{
    static const char tensor[] = {1 << 3, 1,          2 << 3 | 2, 4, 2 << 3 | 2, 2, 1 << 3,
                                  1,      5 << 3 | 2, 4,          0, 0,          0, 0};
    add_bytes(value, 8, tensor, sizeof tensor);
}

static void add_settings(struct strbuf *out, const struct events_setting *s, size_t n,
                         double wall_time)
{
    static const char tag[] = "_hparams_/session_start_info";
    struct strbuf info, content, plugin, metadata, value, summary, event;
    struct strbuf *const all[] = {&info, &content, &plugin, &metadata, &value, &summary, &event};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        strbuf_init(all[i]);
    for (size_t i = 0; i < n; i++)
        add_setting(&info, &s[i]);
    add_double(&info, 5, wall_time);
    add_message(&content, 3, &info);
    add_bytes(&plugin, 1, "hparams", strlen("hparams"));
    add_message(&plugin, 2, &content);
    add_message(&metadata, 1, &plugin);
    add_bytes(&value, 1, tag, sizeof tag - 1);
    add_no_tensor(&value);
    add_message(&value, 9, &metadata);
    add_message(&summary, 1, &value);
    add_double(&event, 1, wall_time);
    add_message(&event, 5, &summary);
    add_record(out, &event);
    strbuf_fini(&event);
}

/* ---- when each row came ---- */

/* Days from 1 January 1970: years counted from March, so that the leap day is a year's last. */
static double days(int year, int month, int day)
{
    int y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
    int whole = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 719469;
    return whole;
}

/* "2026-11-24T14:06:00Z" in seconds since 1970, 0 where it is no such time. */
static double seconds_of(const char *text)
{
    int year, month, day, hour, minute, second;
    if (!text ||
        sscanf(text, "%d-%d-%dT%d:%d:%dZ", &year, &month, &day, &hour, &minute, &second) != 6)
        return 0;
    return 86400 * days(year, month, day) + 3600.0 * hour + 60.0 * minute + second;
}

/* Seconds spent up to each epoch, in the arena; 0 where timing.csv does not say. */
static double *read_times(struct arena *a, const char *folder, const struct epoch_row *row,
                          size_t n)
{
    struct run_time *time;
    struct error err;
    double *spent = arena_alloc(a, (n + 1) * sizeof *spent), sum = 0;
    if (run_read_times(a, folder, row, n, &time, &err))
        for (size_t i = 0; i < n; i++) {
            sum += isnan(time[i].train) ? 0 : time[i].train + time[i].evaluate;
            spent[i] = sum;
        }
    return spent;
}

/* The last row came when run.json was written. */
static double wall_time_of_last(const char *folder)
{
    struct json *j;
    struct error err;
    if (!folder_manifest(folder, &j, &err))
        return 0;
    double t = seconds_of(js_string(js_get(js_get(j, "times"), "written")));
    js_free(j);
    return t;
}

/* Whether run.json is sound, and the tables of an ended run are its own. */
static bool check_run(const char *folder, struct error *err)
{
    struct json *j = NULL;
    bool ok = !folder_has(folder, FOLDER_MANIFEST) || run_read_manifest(folder, &j, err);
    js_free(j);
    return ok;
}

bool events_write(const char *path, const char *folder, const struct events_setting *setting,
                  size_t settings, struct error *err)
{
    static const char version[] = "brain.Event:2";
    struct arena a;
    struct epoch_row *rows;
    size_t n;
    arena_init(&a);
    if (!check_run(folder, err) || !run_read_epochs(&a, folder, &rows, &n, err)) {
        err->code = ERR_DATA;
        arena_fini(&a);
        return false;
    }
    double *spent = read_times(&a, folder, rows, n), end = wall_time_of_last(folder);
    struct strbuf out, event;
    strbuf_init(&out);
    strbuf_init(&event);
    double all = n > 0 ? spent[n - 1] : 0;
    add_double(&event, 1, end - all);
    add_bytes(&event, 3, version, sizeof version - 1);
    add_record(&out, &event);
    if (settings > 0)
        add_settings(&out, setting, settings, end - all);
    for (size_t i = 0; i < n; i++)
        add_row(&out, &rows[i], end - all + spent[i]);
    bool ok = file_write(path, out.text, out.length, err);
    strbuf_fini(&event);
    strbuf_fini(&out);
    arena_fini(&a);
    return ok;
}
