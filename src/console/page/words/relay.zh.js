/** What the relay says in its own words, in Chinese. By the English sentence: one that changes has to be put into words anew. */

/** @type {Readonly<Record<string, string>>} */
export default {
  'Who may come in': '谁可以访问',
  'Where the relay listens': '监听地址',
  'Your Google account': '你的 Google 账号',
  'How Gemini is reached': '如何到达 Gemini',
  'The network': '网络与代理',
  'Models and images': '模型与图片',
  Log: '日志',
  'What is kept': '保存的内容',
  'Metrics and traces': '指标与追踪',
  Limits: '限额',
  'Time limits': '时限',

  generated: '自动生成',
  "the owner's key": '所有者密钥',
  discovered: '自动发现',
  "Gemini CLI's published client": 'Gemini CLI 公开的客户端',
  "Google's": 'Google 的地址',
  'derived from the location': '由地区得出',
  'gemini-cli-relay/VERSION': 'gemini-cli-relay/VERSION（后面是版本号）',
  'pretty on a terminal, else json': '终端上为 pretty，否则为 json',
  'relay.db beside the credentials file': '凭据文件旁的 relay.db',

  "The owner's key, which clients present; it has no limits. Without it the relay makes one on its first start and keeps it in .relay-key beside the credentials; on an address that others can reach you have to set it yourself.":
    '所有者密钥，由客户端出示，没有限额。不设置时，中继在首次启动时生成一个，保存在凭据旁的 .relay-key；在他人可访问的地址上必须自己设置。',
  "A second owner's key, accepted as well.": '第二个所有者密钥，同样有效。',
  "A third owner's key, accepted as well: the token of a private Hugging Face Space.":
    '第三个所有者密钥，同样有效：私有 Hugging Face Space 的令牌。',
  'The key that opens the console (/console) and its API, and nothing else. Without it GEMINI_AUTH_PASSWORD, or the key that the relay has made, opens them.':
    '只能打开控制台（/console）及其 API 的密钥。不设置时由 GEMINI_AUTH_PASSWORD 或中继生成的密钥打开。',
  'off: the console and its API are not there (404).': 'off：控制台及其 API 不存在（404）。',
  '1 lets a short or placeholder key serve on an address that others can reach. Better: set a long key.':
    '1 允许在他人可访问的地址上使用过短或占位的密钥。更好的做法：设置长密钥。',
  'Web pages that may call the relay: * for all, none, or origins separated by commas. A key is needed always.':
    '可以调用中继的网页：* 为全部，none 为没有，或用逗号分隔的来源。无论如何都需要密钥。',
  'How many reverse proxies stand before the relay; so many steps of X-Forwarded-For are believed.':
    '中继前面有几层反向代理；X-Forwarded-For 中相信同样多的层数。',
  'Address to listen on: 127.0.0.1 for this machine only, 0.0.0.0 for everybody who can reach it.':
    '监听地址：127.0.0.1 仅限本机，0.0.0.0 对所有能访问到的人开放。',
  'Port to listen on.': '监听端口。',
  'Google credentials as JSON (or base64 of it), in place of the file. Never written to disk.':
    '以 JSON（或其 base64）给出的 Google 凭据，代替文件。从不写入磁盘。',
  'Path of the credentials file, which npm run login writes.': '凭据文件的路径，由 npm run login 写入。',
  'Google Cloud project. Needed for vertex; for code-assist only where Google names none itself.':
    'Google Cloud 项目。vertex 必需；code-assist 仅在 Google 自己没有指定时需要。',
  'Another name for GOOGLE_CLOUD_PROJECT.': 'GOOGLE_CLOUD_PROJECT 的另一个名称。',
  'Project whose quota calls to Vertex AI use, where it is another than the one that the credentials name.':
    '调用 Vertex AI 时使用其配额的项目，当它不是凭据里写的那个项目时设置。',
  'OAuth client of your own for the login; together with GOOGLE_OAUTH_CLIENT_SECRET.':
    '登录时使用你自己的 OAuth 客户端；与 GOOGLE_OAUTH_CLIENT_SECRET 一起设置。',
  'Secret of that OAuth client.': '该 OAuth 客户端的密钥。',
  'Where the login sends the browser.': '登录时浏览器前往的地址。',
  'Where tokens are exchanged and refreshed; a token_uri in the credentials wins for refreshing.':
    '换取和刷新令牌的地址；刷新时以凭据里的 token_uri 为准。',
  'Door to Gemini, or several in order of preference: code-assist,gemini-api. auto is one door: code-assist with OAuth credentials, else gemini-api with GEMINI_API_KEY, GEMINI_API_KEYS or GEMINI_API_KEYS_FILE, else vertex with Application Default Credentials and GOOGLE_CLOUD_PROJECT.':
    '通往 Gemini 的门，或按优先顺序列出几扇：code-assist,gemini-api。auto 只开一扇：有 OAuth 凭据为 code-assist，否则有 GEMINI_API_KEY、GEMINI_API_KEYS 或 GEMINI_API_KEYS_FILE 为 gemini-api，否则有 Application Default Credentials 和 GOOGLE_CLOUD_PROJECT 为 vertex。',
  'Base address for code-assist.': 'code-assist 的接口地址。',
  'API key from Google AI Studio, for gemini-api.': '来自 Google AI Studio 的 API 密钥，用于 gemini-api。',
  'Several API keys of projects of your own, for gemini-api: separated by commas, one a line, or a JSON list; each KEY or LABEL=KEY. GEMINI_API_KEY counts as one more.':
    '你自己的多个项目的 API 密钥，用于 gemini-api：用逗号分隔、每行一个，或 JSON 列表；每个写作 KEY 或 LABEL=KEY。GEMINI_API_KEY 另算一个。',
  'A file with such a list, for many keys. It is read again when it changes.':
    '存放这样一份列表的文件，适合大量密钥。文件变化时会重新读取。',
  'Models that stand in where every door refuses one for quota or capacity: ASKED>FIRST>SECOND, several separated by commas. The answer then has the header x-relay-model.':
    '所有门都因配额或容量拒绝某模型时的替代模型：ASKED>FIRST>SECOND，多条用逗号分隔。此时回答带有头 x-relay-model。',
  'Base address for gemini-api; a gateway of your own may add a path.':
    'gemini-api 的接口地址；你自己的网关可以再加路径。',
  'Location for vertex.': 'vertex 的地区。',
  'Base address for vertex.': 'vertex 的接口地址。',
  'How the relay names itself to Google.': '中继向 Google 报出的名称。',
  'Proxy for calls to https addresses, the token refresh included: http://, https:// or socks5://.':
    '访问 https 地址（包括刷新令牌）所用的代理：http://、https:// 或 socks5://。',
  'Proxy for calls to http addresses.': '访问 http 地址所用的代理。',
  'Hosts to reach without a proxy, separated by commas.': '不经代理访问的主机，用逗号分隔。',
  'Further model ids to offer, separated by commas. The known ones are offered anyway.':
    '额外提供的模型名，用逗号分隔。已知的模型本来就会提供。',
  'Names that clients ask for and the models that serve them, ASKED=SERVED separated by commas; a star in ASKED stands for anything, the first match wins, suffixes (-nothinking …) pass through. off: none. Unset, names that begin with claude- are served: opus, fable and mythos by the newest Pro model, haiku by the newest Flash-Lite, others by the newest Flash. Set, it replaces these.':
    '客户端请求的名称与实际提供服务的模型，写作 ASKED=SERVED，用逗号分隔；ASKED 里的星号代表任意内容，先匹配者优先，后缀（-nothinking …）照样生效。off：没有别名。不设置时，以 claude- 开头的名称也可用：opus、fable 和 mythos 由最新的 Pro 模型提供，haiku 由最新的 Flash-Lite，其余由最新的 Flash。设置后取代这些。',
  'Whether https addresses of images in requests, and of PDFs on /v1/messages, are fetched. false answers such requests with 400.':
    '是否下载请求中 https 地址的图片，以及 /v1/messages 上的 PDF。false 时对此类请求返回 400。',
  'Whether Google may keep the interactions of clients (/v1beta/interactions), as it does without `store: false`. false: each is sent with `store: false`, and the answer says so in x-relay-ignored.':
    '是否允许 Google 保存客户端的交互（/v1beta/interactions）；没有 `store: false` 时 Google 会保存。false：每个都带 `store: false` 发出，并在回答的 x-relay-ignored 里说明。',
  'Least weight of what is logged: error, warn, info or debug. No level shows prompts or keys.':
    '写入日志的最低级别：error、warn、info 或 debug。任何级别都不显示提示词或密钥。',
  'pretty for people, json for machines.': 'pretty 给人看，json 给程序用。',
  'Where the relay keeps who used what: sqlite:PATH, postgres://USER:PASSWORD@HOST/DATABASE, or none. Never prompts or answers. Trouble with it never fails a request.':
    '保存用量记录的地方：sqlite:PATH、postgres://USER:PASSWORD@HOST/DATABASE，或 none。从不保存提示词或回答。数据库出问题不会让请求失败。',
  'How many days single requests are kept. 0 keeps only the sums of each day, which stay 400 days.':
    '单个请求的记录保存多少天。0 只保存每日合计，合计保存 400 天。',
  'A Redis or Valkey that several relays share, so that they behave as one: redis://HOST:6379, rediss://USER:PASSWORD@HOST:6379. One server, near the relays; no Redis Cluster. Trouble with it never fails a request.':
    '多个中继共用的 Redis 或 Valkey，使它们如同一个：redis://HOST:6379、rediss://USER:PASSWORD@HOST:6379。一台服务器，离中继近；不支持 Redis Cluster。它出问题不会让请求失败。',
  'What stands before the names of all keys in Redis: relays with the same prefix are one.':
    'Redis 中所有键名的前缀：前缀相同的中继视为一体。',
  'A key that opens /metrics and nothing else, for Prometheus. What opens the console opens /metrics as well.':
    '只能打开 /metrics 的密钥，供 Prometheus 使用。能打开控制台的密钥也能打开 /metrics。',
  'Where traces are sent, by OTLP over HTTP in JSON (/v1/traces is added). Without it there are none. Names and numbers, never prompts, answers or keys.':
    '追踪数据发往的地址，HTTP 上的 OTLP，JSON 格式（会自动加上 /v1/traces）。不设置就没有追踪。只有名称和数字，从不包含提示词、回答或密钥。',
  'The same for traces alone: the whole address, to which nothing is added. It wins.':
    '仅用于追踪的同一设置：完整地址，不再添加任何内容。以它为准。',
  'none: no traces are sent, whatever addresses are set.': 'none：无论设置了什么地址，都不发送追踪。',
  'true: the same as OTEL_TRACES_EXPORTER=none.': 'true：与 OTEL_TRACES_EXPORTER=none 相同。',
  'Headers for the collector: NAME=VALUE, several separated by commas.': '发给收集器的头：NAME=VALUE，多个用逗号分隔。',
  'What the relay is called in traces.': '追踪数据中本中继的名称。',
  'What else traces tell of the place that they come from: NAME=VALUE, several separated by commas.':
    '追踪数据中对来源的其他说明：NAME=VALUE，多个用逗号分隔。',
  'Which traces are sent. parentbased_… keeps to what whoever calls has decided (traceparent), and decides by itself where nobody has.':
    '发送哪些追踪。parentbased_… 遵从调用方的决定（traceparent），没有决定时自行决定。',
  'The part of all traces that …traceidratio sends, from 0 to 1.': '…traceidratio 发送的追踪比例，从 0 到 1。',
  'Largest request body in bytes; larger ones get 413.': '请求体的最大字节数；超过的返回 413。',
  'How many requests are answered at one time.': '同时处理的请求数。',
  'How many more may wait; beyond them the answer is 503.': '还可以有多少个排队；再多则返回 503。',
  'How long a request may wait for its turn, in milliseconds.': '请求排队等待的最长时间，毫秒。',
  'How often a failed call to Google is repeated, before the answer has begun.':
    '对 Google 的调用失败后重试几次（仅在回答开始之前）。',
  'How long connecting to Google may take.': '连接 Google 最多用多久。',
  'How long Google may take to begin its answer.': 'Google 开始回答之前最多等多久。',
  'How long Google may be silent within an answer.': '回答途中 Google 最多沉默多久。',
  'How long a whole request may take.': '一个请求总共最多用多久。',
  'After so long a silence a stream sends a sign of life.': '流式输出沉默这么久之后，发送一个保活信号。',
  'How many hours answers of /v1/responses are kept for previous_response_id and GET: in memory, or in Redis where REDIS_URL is set. 0: not at all.':
    '/v1/responses 的回答保存多少小时，供 previous_response_id 和 GET 使用：保存在内存中，设置了 REDIS_URL 时保存在 Redis 中。0：不保存。',
  'How long after SIGTERM everybody is still served while /health says draining: for a balancer that asks.':
    '收到 SIGTERM 之后，还为所有人服务多久，期间 /health 说 draining：供会询问的负载均衡器使用。',
  'How long requests in flight may go on after SIGTERM.': '收到 SIGTERM 后，进行中的请求还可以继续多久。',

  'This key or session does not open the console. The console takes ADMIN_KEY.':
    '这个密钥或会话打不开控制台。控制台要的是 ADMIN_KEY。',
  "This key or session does not open the console. The console takes the owner's key (GEMINI_AUTH_PASSWORD).":
    '这个密钥或会话打不开控制台。控制台要的是所有者密钥（GEMINI_AUTH_PASSWORD）。',
  'This key or session does not open the console. The console takes the key that the relay has made, in .relay-key beside its credentials.':
    '这个密钥或会话打不开控制台。控制台要的是中继生成的密钥，在凭据旁的 .relay-key 里。',
  'This key or session does not open the console. No key opens the console: set ADMIN_KEY and restart.':
    '这个密钥或会话打不开控制台。没有能打开控制台的密钥：请设置 ADMIN_KEY 并重启。',

  'Too many wrong keys from this address. The console takes ADMIN_KEY.':
    '这个地址出示的错误密钥太多，请稍后再试。控制台要的是 ADMIN_KEY。',
  "Too many wrong keys from this address. The console takes the owner's key (GEMINI_AUTH_PASSWORD).":
    '这个地址出示的错误密钥太多，请稍后再试。控制台要的是所有者密钥（GEMINI_AUTH_PASSWORD）。',
  'Too many wrong keys from this address. The console takes the key that the relay has made, in .relay-key beside its credentials.':
    '这个地址出示的错误密钥太多，请稍后再试。控制台要的是中继生成的密钥，在凭据旁的 .relay-key 里。',
  'Too many wrong keys from this address. No key opens the console: set ADMIN_KEY and restart.':
    '这个地址出示的错误密钥太多，请稍后再试。没有能打开控制台的密钥：请设置 ADMIN_KEY 并重启。',

  'Google answers.': 'Google 有回应。',
  'Google answers. To a token count it said: {}': 'Google 有回应。对计算 token 的请求，它说：{}',
  'No login is under way. Begin one first.': '没有正在进行的登录。请先开始登录。',
  'GEMINI_CREDENTIALS is set and wins over any login. Remove it, and restart.':
    '已设置 GEMINI_CREDENTIALS，它优先于任何登录。去掉它并重启。',
  'Logged in. The relay takes the login over now.': '已登录，中继现在开始使用它。',
  'The login failed. The log has the details.': '登录失败。详情见日志。',
  'That address belongs to another login. Open the one above, and paste what it leads to:':
    '这个地址属于另一次登录。请打开上面的地址，粘贴它最后到达的地址：',
  'That is neither the whole address nor a code. Paste it once more:': '这既不是完整的地址，也不是授权码。请重新粘贴：',
  'Google did not accept the code: it was used before, is too old, or is incomplete. Open the address above once more, and paste the whole address that it leads to:':
    'Google 没有接受授权码：它已被用过、已过期或不完整。请再次打开上面的地址，粘贴它最后到达的完整地址：',
  "The box for Google Cloud was not ticked on Google's page; without it the relay can do nothing, so the login is not kept. Tick all boxes.":
    '在 Google 的页面上没有勾选 Google Cloud 的选项；没有它中继什么也做不了，所以没有保存这次登录。请勾选所有选项。',
  'Google did not accept the code: it was used before, is too old, or is incomplete.':
    'Google 没有接受授权码：它已被用过、已过期或不完整。',
  'Google refuses the OAuth client ({}). Check GOOGLE_OAUTH_CLIENT_ID and GOOGLE_OAUTH_CLIENT_SECRET, or remove both.':
    'Google 拒绝了 OAuth 客户端（{}）。请检查 GOOGLE_OAUTH_CLIENT_ID 和 GOOGLE_OAUTH_CLIENT_SECRET，或把两者都去掉。',
  "Google's token service does not work for now: {}.": 'Google 的令牌服务暂时不可用：{}。',
  'The clock of this computer is {} minutes ahead; set it right.': '这台电脑的时钟快了 {} 分钟；请校准。',
  'The clock of this computer is {} minutes behind; set it right.': '这台电脑的时钟慢了 {} 分钟；请校准。',
  'Google sent no refresh token, so the login would end within the hour, and is not kept. Remove the access at https://myaccount.google.com/permissions and try once more.':
    'Google 没有发来刷新令牌，登录不到一小时就会失效，所以没有保存。请在 https://myaccount.google.com/permissions 撤销访问权限，再试一次。',
  'The login could not be written to {} ({}). Make the file and its directory writable, or name another file in GOOGLE_APPLICATION_CREDENTIALS.':
    '无法把登录写入 {}（{}）。请让该文件及其目录可写，或在 GOOGLE_APPLICATION_CREDENTIALS 中指定另一个文件。',
  '{} {}. Name another file in GOOGLE_APPLICATION_CREDENTIALS.':
    '{} 不能用作凭据文件（{}）。请在 GOOGLE_APPLICATION_CREDENTIALS 中指定另一个文件。',
  'The login was declined on the page of Google, and nothing was changed.':
    '在 Google 的页面上拒绝了登录，没有任何改动。',
  'Google ended the login ({}), and nothing was changed.': 'Google 终止了登录（{}），没有任何改动。',
  'No answer came within {} minutes, and nothing was changed.': '{} 分钟内没有收到回应，没有任何改动。',
  'A name has 1 to 64 letters, digits, dots, dashes and underscores.':
    '名称由 1 到 64 个字母、数字、点、横线或下划线组成。',
  'There is a key called {} already. Take another name, or give that one a new secret.':
    '已有名为 {} 的密钥。请换一个名称，或给它换一个新的密钥值。',
  'Nothing is kept: DATABASE_URL is none. Take that line away, and restart.':
    '什么都没有保存：DATABASE_URL 是 none。去掉这一行并重启。',
  'Settings were changed elsewhere in the meantime. Nothing was replaced: read them again, and send the change anew.':
    '设置已在别处被修改，没有覆盖任何内容：请重新读取，再发送修改。',
  'The database refuses. The log has the details.': '数据库拒绝了请求。详情见日志。',

  'The log has the details.': '详情见日志。',
  'Another program holds the database, or it takes too long to answer. See who holds it (of PostgreSQL: pg_stat_activity), or set DATABASE_URL to a file of this relay alone.':
    '另一个程序占用着数据库，或数据库回应太慢。请查看是谁占用了它（PostgreSQL：pg_stat_activity），或把 DATABASE_URL 设为只属于这个中继的文件。',
  'The database file is damaged. Put a copy of it back, or move it away: the relay then begins a new one by itself.':
    '数据库文件已损坏。请用备份恢复它，或把它移走：中继随后会自己新建一个。',
  'There is no room left where the database is. Make room; the relay goes on by itself.':
    '数据库所在的地方没有空间了。请腾出空间；中继会自己继续。',
  'The database cannot be written. Allow it, or set DATABASE_URL to a place that can be written.':
    '无法写入数据库。请允许写入，或把 DATABASE_URL 设为可以写入的地方。',
  'The database cannot be reached. See that it runs and that DATABASE_URL names it.':
    '无法连接数据库。请确认它在运行，并且 DATABASE_URL 指向它。',
  'The database file cannot be read or written. See to its disk, to who may use its folder, and to how many files this program may have open.':
    '无法读写数据库文件。请检查它所在的磁盘、目录的权限，以及中继可以打开的文件数。',
  'The database refuses this user. Correct user, password and database in DATABASE_URL.':
    '数据库拒绝了这个用户。请更正 DATABASE_URL 中的用户、密码和数据库名。',
  'The database was written by a newer version of this relay and is left as it is. Run that version, or set DATABASE_URL to another database.':
    '数据库由更新版本的中继写成，保持原样。请运行那个版本，或把 DATABASE_URL 设为另一个数据库。',
  'The database belongs to another program and is left as it is. Set DATABASE_URL to another one.':
    '数据库属于另一个程序，保持原样。请把 DATABASE_URL 设为另一个。',
  "There is no key '{}'.": '没有密钥“{}”。',
  "There is no door '{}'. GET status lists them.": '没有门“{}”。GET status 会列出所有的门。',
  'The relay is shutting down; try again in a few seconds.': '中继正在关闭；请几秒后再试。',
  'The relay failed on this request; its log has the details under this request id.':
    '中继处理这个请求时出错；日志中在该请求 ID 下有详情。',

  'OpenAI, JavaScript, the Responses API': 'OpenAI, JavaScript，走 Responses API',
  'Vercel AI SDK, over the Responses API': 'Vercel AI SDK，走 Responses API',
  'Vercel AI SDK, as an OpenAI client': 'Vercel AI SDK，作为 OpenAI 客户端',
  'Vercel AI SDK, as an Anthropic client': 'Vercel AI SDK，作为 Anthropic 客户端',
  'Vercel AI SDK, as a Gemini client': 'Vercel AI SDK，作为 Gemini 客户端',
  'LangChain, Python, as a Gemini client': 'LangChain, Python，作为 Gemini 客户端',

  Shell: '终端',
  'Shell, before claude': '终端，运行 claude 之前',
  '~/.gemini/settings.json, then the shell, before gemini': '~/.gemini/settings.json，然后在终端里，运行 gemini 之前',
  'Shell, before aider': '终端，运行 aider 之前',
  "Shell; other agents that speak OpenAI's format read the same": '终端；其他使用 OpenAI 接口的智能体读取相同的变量',
  '~/.codex/config.toml, and RELAY_KEY in the environment': '~/.codex/config.toml，并在环境变量里设置 RELAY_KEY',
  'API provider: OpenAI Compatible': 'API 提供商：OpenAI Compatible',
  'Settings → Models → Override OpenAI Base URL (an address that the internet can reach)':
    'Settings → Models → Override OpenAI Base URL（需要互联网可以访问的地址）',
  'Admin Panel → Settings → Connections → OpenAI API → +': '管理员面板 → 设置 → 外部连接 → OpenAI API → +',
  'Settings → Model Provider → Add → type OpenAI': '设置 → 模型服务 → 添加 → 类型 OpenAI',
  'API Connections → Chat Completion → source Custom (OpenAI-compatible)':
    'API 连接 → 聊天补全 → 来源：自定义（OpenAI-compatible）',
  'Settings → AI Service Provider → OpenAI': '设置 → AI 服务商 → OpenAI',
  'Settings → Custom endpoint': '设置 → 自定义接口',
  'Credentials → OpenAI': '凭据（Credentials）→ OpenAI',

  'must be a whole number from {} to {}': '必须是 {} 到 {} 的整数',
  'must be a number from {} to {}': '必须是 {} 到 {} 的数字',
  'must be true or false': '必须是 true 或 false',
  'must be one of {}, or several of the last {} separated by commas':
    '必须是 {} 之一，或最后 {} 个中的几个，用逗号分隔',
  'must be one of {}': '必须是 {} 之一',
  'names one of them twice': '其中一个写了两次',
  'must be model ids separated by commas': '必须是用逗号分隔的模型名',
  'must be model ids like ASKED>FIRST>SECOND, several such rows separated by commas':
    '必须是形如 ASKED>FIRST>SECOND 的模型名，多条用逗号分隔',
  'names a model twice in one row': '同一条里有一个模型写了两次',
  'has two rows for the same model': '同一个模型有两条',
  'must be ASKED=SERVED pairs separated by commas, for example gpt-*=gemini-3.8-flash, or off':
    '必须是用逗号分隔的 ASKED=SERVED，例如 gpt-*=gemini-3.8-flash，或 off',
  'must be a location': '必须是一个地区',
  'must be 1 to 200 visible ASCII characters': '必须是 1 到 200 个可见的 ASCII 字符',
  'must be pairs like NAME=VALUE separated by commas, special characters of a value as %XX':
    '必须是用逗号分隔的 NAME=VALUE，值里的特殊字符写作 %XX',
  'must be *, none, or origins like https://chat.example.org, without a path and separated by commas':
    '必须是 *、none，或形如 https://chat.example.org 的来源，不带路径，用逗号分隔',
  '{} is longer than {}, so it could never be reached. For example: {}': '{} 比 {} 长，永远等不到。例如：{}',
  'GEMINI_PROJECT_ID is another name for GOOGLE_CLOUD_PROJECT, but the two differ. Remove one of them.':
    'GEMINI_PROJECT_ID 是 GOOGLE_CLOUD_PROJECT 的另一个名称，但两者不同。去掉其中一个。',
};
