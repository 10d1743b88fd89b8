-- What wrk sends: events with fresh ids, each request from the next visitor, with pauses or without.
--
-- Set by the environment: LOAD_VISITORS, a Lua file with a list of {site, token}; LOAD_EVENTS, the
-- events of one request; LOAD_PAUSE, the mean milliseconds that a connection pauses before each
-- request, at random, so that requests arrive as from independent visitors; LOAD_STATUSES, to count
-- the answers by status. The last line is JSON.

local visitors = dofile(os.getenv("LOAD_VISITORS"))
local events = tonumber(os.getenv("LOAD_EVENTS") or "1")
local pause = tonumber(os.getenv("LOAD_PAUSE") or "0")
local letters = "0123456789abcdefghijklmnopqrstuv" -- of which the tag makes its ids
local hole = ("@"):rep(22)
local pool_size = 4096
local pools = {}
local parts = {}
local sent = 0
local threads = {}

wrk.method = "POST"
wrk.headers["Content-Type"] = "text/plain"
wrk.headers["Origin"] = "https://example.org"
wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
wrk.headers["Accept-Language"] = "en-GB,en;q=0.8"

local function random_letters(length)
  local made = {}
  for n = 1, length do local i = math.random(#letters); made[n] = letters:sub(i, i) end
  return table.concat(made)
end

local function pool(length)
  local made = {}
  for n = 1, pool_size do made[n] = random_letters(length) end
  return made
end

-- Random in every letter, so that indexes are hit as by real ids, and cheap, so that wrk leaves the
-- processor to the server; a number counts the second and the third part through, so none repeats.
local number = 0
local function id()
  number = number + 1
  return pools[1][math.random(pool_size)] .. pools[2][number % pool_size + 1]
    .. pools[3][math.floor(number / pool_size) % pool_size + 1]
end

local function request_of(visitor)
  local written = {}
  for n = 1, events do
    written[n] = '{"id":"' .. hole .. '","kind":"page_view","age":0,'
      .. '"url":"https://example.org/articles/knots","referrer":"https://example.org/"}'
  end
  return wrk.format(nil, "/event", nil, '{"site":"' .. visitor[1] .. '","token":"' .. visitor[2]
    .. '","events":[' .. table.concat(written, ",") .. "]}")
end

-- A request cut at its ids, so that sending one is nothing but joining.
local function cut(text)
  local made, from = {}, 1
  while true do
    local first, last = text:find(hole, from, true)
    if not first then break end
    made[#made + 1] = text:sub(from, first - 1)
    made[#made + 1] = ""
    from = last + 1
  end
  made[#made + 1] = text:sub(from)
  return made
end

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("thread_number", #threads)
end

function init()
  math.randomseed(os.time() * 100 + thread_number)
  pools = {pool(8), pool(7), pool(7)}
  for n, visitor in ipairs(visitors) do parts[n] = cut(request_of(visitor)) end
  sent = math.random(#parts)
end

function request()
  sent = sent + 1
  local made = parts[sent % #parts + 1]
  for n = 2, #made, 2 do made[n] = id() end
  return table.concat(made)
end

if pause > 0 then
  function delay()
    return math.floor(-pause * math.log(1 - math.random()) + 0.5)
  end
end

if os.getenv("LOAD_STATUSES") then
  statuses, retries = {}, {}
  function response(status, headers)
    local name = tostring(status)
    statuses[name] = (statuses[name] or 0) + 1
    if headers["retry-after"] or headers["Retry-After"] then
      retries[name] = (retries[name] or 0) + 1
    end
  end
end

local function sums(name)
  local found, written = {}, {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get(name) or {}) do
      found[status] = (found[status] or 0) + count
    end
  end
  for status, count in pairs(found) do
    written[#written + 1] = string.format('"%s":%d', status, count)
  end
  return "{" .. table.concat(written, ",") .. "}"
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('RESULT {"requests":%d,"duration":%d,"p50":%d,"p99":%d,"max":%d,'
    .. '"wrong":%d,"broken":%d,"statuses":%s,"retries":%s}\n', summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency.max, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, sums("statuses"),
    sums("retries")))
end
